import { type JsMsg, jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { fetched } from './fetched.ts'
import { managerOf } from './jetstream.ts'
import { passing } from './passing.ts'

const atOnce = 500
/** A server that has more sends it at once. */
const wait = 2_000

/**
 * The messages of a stream behind a place, on subjects of one pattern, without a hole; but not surely all that there
 * are: it ends where one was lost on its way, and a consumer may lie with a server that is behind. Whoever has to have
 * all asks once more what comes next.
 */
export async function* inBatches(
  nc: NatsConnection,
  stream: string,
  place: { after: number; pattern: string },
): AsyncGenerator<JsMsg> {
  const jsm = await managerOf(nc)
  const info = await jsm.consumers.add(stream, passing(place))
  const consumer = jetstream(nc).consumers.getConsumerFromInfo(info)
  try {
    let order = 0
    for (let left = info.num_pending; left > 0; ) {
      const before = order
      const batch = fetched(consumer, { max_messages: Math.min(left, atOnce), expires: wait })
      for await (const message of batch) {
        // Nothing is acknowledged: the server takes what it has sent for taken.
        if (message.info.deliverySequence !== order + 1) return
        order++
        left = message.info.pending
        yield message
      }
      if (order === before) return
    }
  } finally {
    // One that cannot be taken away goes by itself.
    await jsm.consumers.delete(stream, info.name).catch(() => {})
  }
}
