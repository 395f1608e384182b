import { type KV, Kvm } from '@nats-io/kv'
import type { Nats } from '../../../shared/adapters/nats.ts'

/** What stands under a key; `revision` is 0 where nothing ever did. */
export type Entry = { value: string | undefined; revision: number }

/** What replicas remember together. Keys are of letters, digits, `-` and `_`, with dots between. */
export type Bucket = {
  get(key: string): Promise<Entry>
  /** With a `revision` only where that is still the latest. @throws Error where it is not */
  put(key: string, value: string, revision?: number): Promise<void>
}

/** A KV bucket of NATS; every call throws while NATS is away or has no such bucket. */
export function bucketIn(nats: Nats, name: string): Bucket {
  let opened: KV | undefined

  async function open(): Promise<KV> {
    const nc = nats.up()
    if (!nc) throw new Error('NATS is away')
    opened ??= await new Kvm(nc).open(name, { bindOnly: true })
    return opened
  }

  return {
    async get(key) {
      const entry = await (await open()).get(key)
      return {
        value: entry?.operation === 'PUT' ? entry.string() : undefined,
        revision: entry?.revision ?? 0,
      }
    },
    async put(key, value, revision) {
      await (await open()).put(key, value, revision === undefined ? {} : { previousSeq: revision })
    },
  }
}
