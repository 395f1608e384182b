import { DeliverPolicy, type JsMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { parseJson } from '../../json.ts'
import { managerOf } from '../jetstream.ts'
import { isMarker, keyOf, messages, stream } from './bucket.ts'
import { Whole } from './whole.ts'

/** What lies under a key, and the object that it is, where it is one. */
export type Lying = { revision: number; value: unknown; whole: Whole | undefined }

/** What lies in the bucket of objects, kept by a process that looks often. */
export type Mirror = {
  /** All keys as they are in this moment: only what has changed since the last look is fetched. */
  look(nc: NatsConnection): Promise<ReadonlyMap<string, Lying>>
}

export function mirrorOf(): Mirror {
  let known = new Map<string, Lying>()
  let created = ''
  let at = 0
  type Look = Promise<ReadonlyMap<string, Lying>>
  let looking: Look | undefined
  let next: Look | undefined

  async function look(nc: NatsConnection): Promise<ReadonlyMap<string, Lying>> {
    const jsm = await managerOf(nc)
    const { created: made, state } = await jsm.streams.info(stream)
    if (made !== created || state.last_seq < at) {
      known = new Map()
      at = 0
      created = made
    }
    if (state.last_seq <= at) return known
    const deliver_policy = at === 0 ? DeliverPolicy.All : DeliverPolicy.StartSequence
    for await (const message of messages(nc, { deliver_policy, ...(at > 0 && { opt_start_seq: at + 1 }) })) {
      take(message)
      at = message.seq
    }
    at = Math.max(at, state.last_seq)
    return known
  }

  function take(message: JsMsg): void {
    const key = keyOf(message.subject)
    if (isMarker(message)) known.delete(key)
    else known.set(key, lyingIn(message))
  }

  return {
    look(nc) {
      // One after the other, each from where the last one came to; who comes while one looks shares the next.
      next ??= Promise.resolve(looking?.catch(() => {})).then(() => {
        looking = next
        next = undefined
        return look(nc)
      })
      return next
    },
  }
}

/** What a message of the bucket holds. */
export function lyingIn(message: { seq: number; string(): string }): Lying {
  const read = parseJson(message.string())
  const value = 'value' in read ? read.value : undefined
  return { revision: message.seq, value, whole: Whole.safeParse(value).data }
}
