import { setTimeout as pause } from 'node:timers/promises'
import type { Consumer, JsMsg } from '@nats-io/jetstream'
import { messageOf } from '../log.ts'

const mostTries = 20
const between = 50

/**
 * What one fetch brings of a consumer that was just made. In a cluster the server that is asked may hear of it a moment
 * after whoever made it, and answers until then that nobody is there.
 */
export async function* fetched(
  consumer: Consumer,
  asked: { max_messages: number; expires: number },
): AsyncGenerator<JsMsg> {
  for (let tries = 1; ; tries++) {
    let came = 0
    try {
      for await (const message of await consumer.fetch(asked)) {
        came++
        yield message
      }
      return
    } catch (error) {
      if (came > 0 || tries === mostTries || !/no responders/i.test(messageOf(error))) throw error
    }
    await pause(between)
  }
}
