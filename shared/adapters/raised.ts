import type { KV } from '@nats-io/kv'
import { z } from 'zod'
import { jsonAs } from '../json.ts'
import { buckets } from '../streams.ts'
import { openBucket, orOvertaken } from './kv.ts'
import { connectionNow, type Nats } from './nats.ts'

/**
 * That a trouble was told: by which delivery, since when it lasts (RFC 3339), the key of the window that holds back
 * its repeats, and the key of the event that ended it.
 */
export const Raised = z.object({
  deliveryid: z.string(),
  since: z.string(),
  window: z.string().optional(),
  over: z.string().optional(),
})
export type Raised = z.infer<typeof Raised>

/** A record and its number in the bucket. */
export type Found = { raised: Raised; revision: number }

/** The troubles that were told, until their bucket lets go of them. Every call throws while NATS is away. */
export function raisedIn(nats: Nats) {
  async function open(): Promise<KV> {
    return openBucket(connectionNow(nats), buckets.raised)
  }

  async function get(key: string): Promise<Found | undefined> {
    const entry = await (await open()).get(key)
    if (entry?.operation !== 'PUT') return undefined
    const raised = jsonAs(Raised, entry.string())
    return raised && { raised, revision: entry.revision }
  }

  return {
    get,
    /** Keeps the record of a trouble that goes on: told again it is the same. One that is over begins anew. */
    async open(key: string, raised: Raised): Promise<void> {
      const kv = await open()
      if ((await orOvertaken(kv.create(key, JSON.stringify(raised)))) !== undefined) return
      const known = await get(key)
      if (known && isOver(known.raised, raised))
        await orOvertaken(kv.update(key, JSON.stringify(raised), known.revision))
    },
    /** It is over by the event of this key, unless the record is another by now. */
    async close(key: string, { raised, revision }: Found, over: string): Promise<void> {
      await orOvertaken((await open()).update(key, JSON.stringify({ ...raised, over }), revision))
    },
  }
}

/** Is what is known over, and not the same that is told once more? */
export const isOver = (known: Raised, told: Raised): boolean =>
  known.over !== undefined && known.deliveryid !== told.deliveryid
