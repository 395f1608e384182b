import { z } from 'zod'
import { Time } from '../resources/time.ts'
import { buckets } from '../streams.ts'
import { type Bucket, bucketIn, openBucket, orOvertaken } from './kv.ts'
import { connectionNow, type Nats } from './nats.ts'

/** The key that a host showed when it was first met: in base64 as `known_hosts` has it, and where and when that was. */
export const KnownKey = z.object({ key: z.string().min(1), address: z.string(), since: Time })
export type KnownKey = z.infer<typeof KnownKey>

/** The keys by which hosts are known; `id` is `namespace/name`. Every call rejects while NATS is away. */
export type HostKeys = {
  get(id: string): Promise<KnownKey | undefined>
  /** Keeps it where none is kept; resolves to the one that is. */
  putFirst(id: string, key: KnownKey): Promise<KnownKey>
  /** False where none was kept. */
  forget(id: string): Promise<boolean>
}

export function hostKeysIn(nats: Nats): HostKeys {
  const bucket = bucketIn(nats, buckets.hostKeys)

  return {
    async get(id) {
      return (await read(bucket, id)).known
    },
    async putFirst(id, key) {
      // Only what stands there now tells whether we were the first.
      for (;;) {
        const { known, revision } = await read(bucket, id)
        if (known) return known
        const put = bucket.put(keyOf(id), JSON.stringify(key), revision).then(() => key)
        const kept = await orOvertaken(put)
        if (kept) return kept
      }
    },
    async forget(id) {
      if (!(await bucket.get(keyOf(id))).value) return false
      await (await openBucket(connectionNow(nats), buckets.hostKeys)).delete(keyOf(id))
      return true
    },
  }
}

async function read(bucket: Bucket, id: string): Promise<{ known: KnownKey | undefined; revision: number }> {
  const { value, revision } = await bucket.get(keyOf(id))
  if (value === undefined) return { known: undefined, revision }
  const parsed = KnownKey.safeParse(json(value))
  // To take it for unknown would be to trust whoever answers now.
  if (!parsed.success)
    throw new Error(`What is kept as the key of Host "${id}" is none: npm run ops -- hosts forget ${id}`)
  return { known: parsed.data, revision }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // It throws for one reason only.
    return undefined
  }
}

// All but letters, digits, "-" and "_" by its code: NATS takes it, and two ids are never one key.
const keyOf = (id: string) =>
  id
    .split('/')
    .map(part => part.replace(/[^A-Za-z0-9_-]/gu, odd => `=${odd.codePointAt(0)?.toString(16)}=`))
    .join('.')
