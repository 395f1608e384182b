import { AckPolicy, type ConsumerConfig, type JsMsg } from '@nats-io/jetstream'
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node'
import { buckets } from '../../streams.ts'
import { untilCaughtUp } from '../caught-up.ts'
import { managerOf } from '../jetstream.ts'

/** The stream that the bucket of objects is. */
export const stream = `KV_${buckets.objects}`

const prefix = `$KV.${buckets.objects}.`

/** The subject of a key, and of a pattern of keys. */
export const subjectOf = (key: string) => `${prefix}${key}`

/** The key of a message of the bucket. */
export const keyOf = (subject: string) => subject.slice(prefix.length)

/** Does it only say that what lay there was taken away? */
export const isMarker = ({ headers }: { headers?: MsgHdrs | undefined }) =>
  (headers?.get('KV-Operation') ?? '') !== ''

const atOnce = 500
const nanoseconds = 1_000_000
/** A consumer that nobody took away, since we ended in between. */
const forgotten = 60_000

/** The messages of the bucket from a place on, up to the latest. */
export async function* messages(
  nc: NatsConnection,
  start: Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig>,
): AsyncGenerator<JsMsg> {
  const jsm = await managerOf(nc)
  const info = await jsm.consumers.add(stream, {
    ...start,
    ack_policy: AckPolicy.None,
    mem_storage: true,
    inactive_threshold: forgotten * nanoseconds,
  })
  try {
    yield* untilCaughtUp(nc, info, atOnce)
  } finally {
    // One that cannot be taken away goes by itself.
    await jsm.consumers.delete(stream, info.name).catch(() => {})
  }
}
