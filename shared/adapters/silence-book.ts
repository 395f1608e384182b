import type { KV } from '@nats-io/kv'
import { messageOf } from '../log.ts'
import { type Silence, storedSilence } from '../silence.ts'
import { buckets } from '../streams.ts'
import { keysOf, openBucket, orOvertaken } from './kv.ts'
import { connectionOf, type Nats } from './nats.ts'

/** A silence as it lies in its bucket: of a resource, whose entry is the watcher's, or made by ops-api. */
export type Kept = { silence: Silence; from: 'resource' | 'api'; revision: number }

/** The silences one by one, as they are in this moment. Every call rejects while NATS is away. */
export type SilenceBook = {
  /** In order of their ids. Those that are not as they should be are left out, as everywhere. */
  all(): Promise<Kept[]>
  get(namespace: string, name: string): Promise<Kept | undefined>
  /** Writes one of ops-api's, as a new one or in the place of `before`; false when somebody else was faster. */
  put(silence: Silence, before?: Kept): Promise<boolean>
  remove(kept: Kept): Promise<void>
}

const places = ['resource', 'api'] as const

export function silenceBook(nats: Nats): SilenceBook {
  const open = async (): Promise<KV> => openBucket(await connectionOf(nats), buckets.silences)
  const keyOf = (from: Kept['from'], { namespace, name }: Pick<Silence, 'namespace' | 'name'>) =>
    `${from}.${namespace}.${name}`

  async function read(kv: KV, key: string): Promise<Kept | undefined> {
    const entry = await kv.get(key)
    if (entry?.operation !== 'PUT') return undefined
    const stored = storedSilence(entry.string())
    if (!('silence' in stored)) return undefined
    const from = key.startsWith('api.') ? 'api' : 'resource'
    return { silence: stored.silence, from, revision: entry.revision }
  }

  return {
    async all() {
      const kv = await open()
      const keys = await keysOf(kv).catch(error => {
        // Nobody has made the bucket yet.
        if (/stream not found/i.test(messageOf(error))) return []
        throw error
      })
      const kept = (await Promise.all(keys.map(key => read(kv, key)))).flatMap(one => one ?? [])
      return kept.sort((a, b) => (a.silence.id < b.silence.id ? -1 : 1))
    },
    async get(namespace, name) {
      const kv = await open()
      for (const from of places) {
        const kept = await read(kv, keyOf(from, { namespace, name }))
        if (kept) return kept
      }
      return undefined
    },
    async put({ namespace, name, spec }, before) {
      const kv = await open()
      const text = JSON.stringify({ namespace, name, spec })
      const key = keyOf('api', { namespace, name })
      const write = before ? kv.update(key, text, before.revision) : kv.create(key, text)
      return (await orOvertaken(write)) !== undefined
    },
    async remove({ silence, from, revision }) {
      await (await open()).delete(keyOf(from, silence), { previousSeq: revision })
    },
  }
}
