import { setTimeout as pause } from 'node:timers/promises'
import { type Consumer, jetstream } from '@nats-io/jetstream'
import { managerOf } from './jetstream.ts'
import { connectionNow, connectionOf, type Nats } from './nats.ts'
import { passing } from './passing.ts'

/**
 * A message as it comes, by its place in the stream; the place behind which it begins; or that nothing comes any more,
 * until the next one does.
 */
export type Followed = { seq: number; payload: Uint8Array } | { from: number } | { away: true }

/** Follows subjects of a stream: what comes behind a place, each once and in order, or from now on. It ends with `signal`. */
export type Follow = (about: {
  pattern: string
  after: number | undefined
  signal: AbortSignal
}) => AsyncGenerator<Followed>

const atOnce = 100
const wait = 5_000
const retry = 500

export function followStream(nats: Nats, stream: string): Follow {
  const managed = async () => managerOf(connectionNow(nats))

  async function open(pattern: string, after: number): Promise<Consumer> {
    const jsm = await managed()
    const info = await jsm.consumers.add(stream, passing({ after, pattern }))
    return jetstream(connectionNow(nats)).consumers.getConsumerFromInfo(info)
  }

  /** What comes by one consumer, until it is lost. */
  async function* through(consumer: Consumer, signal: AbortSignal): AsyncGenerator<Followed> {
    let order = 0
    while (!signal.aborted) {
      const messages = await consumer.fetch({ max_messages: atOnce, expires: wait })
      const stop = () => messages.stop()
      // It would wait for the server to come back.
      const watch = setInterval(() => nats.up() || stop(), retry)
      signal.addEventListener('abort', stop)
      try {
        for await (const message of messages) {
          // What was on its way when the connection broke never came.
          if (message.info.deliverySequence !== ++order) return
          yield { seq: message.seq, payload: message.data }
        }
      } finally {
        clearInterval(watch)
        signal.removeEventListener('abort', stop)
        messages.stop()
      }
      connectionNow(nats)
      if (!signal.aborted && (await consumer.info()).delivered.consumer_seq !== order) return
    }
  }

  return async function* follow({ pattern, after, signal }) {
    const end = async () => (await (await managed()).streams.info(stream)).state.last_seq
    await connectionOf(nats)
    let last = after
    while (!signal.aborted) {
      let consumer: Consumer | undefined
      try {
        // A place behind the end is one of a stream that has been made anew since.
        const there = await end()
        if (last === undefined || last > there) last = there
        consumer = await open(pattern, last)
        yield { from: last }
        for await (const followed of through(consumer, signal)) {
          if ('seq' in followed) last = followed.seq
          yield followed
        }
      } catch {
        // The server is away, or has forgotten the consumer: whoever follows is told, and it begins where it was.
        yield { away: true }
        await pause(retry)
      } finally {
        await consumer?.delete().catch(() => {})
      }
    }
  }
}
