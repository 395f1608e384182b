import { type ConsumerInfo, type JsMsg, jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { fetched } from './fetched.ts'
import { managerOf } from './jetstream.ts'

const wait = 5_000

/** The messages that wait for a consumer, so many fetched at once, up to the latest that there is when it comes there. */
export async function* untilCaughtUp(
  nc: NatsConnection,
  info: ConsumerInfo,
  atOnce: number,
): AsyncGenerator<JsMsg> {
  const consumer = jetstream(nc).consumers.getConsumerFromInfo(info)
  for (let left = info.num_pending; left > 0; ) {
    let came = 0
    for await (const message of fetched(consumer, { max_messages: Math.min(left, atOnce), expires: wait })) {
      came++
      left = message.info.pending
      yield message
    }
    if (came > 0) continue
    // The limits of the stream, or who writes anew, have taken what was to come: anything else must not pass for the end.
    const jsm = await managerOf(nc)
    left = (await jsm.consumers.info(info.stream_name, info.name)).num_pending
  }
}
