import { type KV, Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { messageOf } from '../log.ts'
import { fallsOverHalfMade, surelyMade } from './half-made.ts'
import { managerOf } from './jetstream.ts'
import { connectionNow, type Nats } from './nats.ts'

/** A bucket that somebody has made; opening it asks the server nothing. */
export async function openBucket(nc: NatsConnection, name: string): Promise<KV> {
  const kv = await new Kvm(nc).open(name, { bindOnly: true })
  if (!fallsOverHalfMade(nc)) return kv
  const jsm = await managerOf(nc)
  const get = kv.get.bind(kv)
  kv.get = async (...about) => {
    await surelyMade(nc, jsm, `KV_${name}`)
    return get(...about)
  }
  return kv
}

/** Opens a bucket with the first call, and hands it on with every later one; asks for the connection each time. */
export function bucketOpener(connect: () => Promise<NatsConnection>, name: string): () => Promise<KV> {
  let opened: KV | undefined
  return async () => {
    const nc = await connect()
    opened ??= await openBucket(nc, name)
    return opened
  }
}

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
  const open = bucketOpener(async () => connectionNow(nats), name)

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

/** The keys of a bucket, in order. */
export async function keysOf(kv: KV): Promise<string[]> {
  const keys: string[] = []
  for await (const key of await kv.keys()) keys.push(key)
  return keys.sort()
}

/** Was this write refused since somebody else had written in between? */
export const isOvertaken = (error: unknown): boolean =>
  /wrong last sequence|key exists/i.test(messageOf(error))

/** What a write brings, or undefined where somebody else was faster. */
export async function orOvertaken<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write
  } catch (error) {
    if (isOvertaken(error)) return undefined
    throw error
  }
}
