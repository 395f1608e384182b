import type { KV } from '@nats-io/kv'
import { z } from 'zod'
import { messageOf } from '../log.ts'
import { buckets } from '../streams.ts'
import { bucketOpener, isOvertaken } from './kv.ts'
import { connectionOf, type Nats } from './nats.ts'

/** One sending again of a dead letter: under which id, when (RFC 3339), and by whose token. */
export const Replay = z.object({ id: z.string(), at: z.string(), by: z.string() })
export type Replay = z.infer<typeof Replay>

/** A dead letter by its place, and by its time too: a stream that was made anew counts from 1 again. */
export type Place = { seq: number; stored: number }

/** Remembers which dead letters were sent again, for as long as one lies in its stream. */
export type Replays = {
  of(letter: Place): Promise<Replay[]>
  add(letter: Place, replay: Replay): Promise<void>
}

const Entry = z.object({ stored: z.number(), replays: z.array(Replay) })
/** Beyond that many of one letter the oldest are forgotten. */
const most = 50
const mostTurns = 20

export function replaysIn(nats: Nats): Replays {
  const open = bucketOpener(() => connectionOf(nats), buckets.replays)
  const keyOf = ({ seq }: Place) => `letter.${seq}`

  async function read(kv: KV, letter: Place): Promise<{ replays: Replay[]; revision: number }> {
    const entry = await kv.get(keyOf(letter))
    if (!entry) return { replays: [], revision: 0 }
    const read = entry.length > 0 ? Entry.safeParse(entry.json()).data : undefined
    return { replays: read?.stored === letter.stored ? read.replays : [], revision: entry.revision }
  }

  return {
    async of(letter) {
      try {
        return (await read(await open(), letter)).replays
      } catch (error) {
        // On an installation that has never seen a replay the bucket may be missing.
        if (/stream not found/i.test(messageOf(error))) return []
        throw error
      }
    },
    async add(letter, replay) {
      const kv = await open()
      for (let turn = 1; ; turn++) {
        const { replays, revision } = await read(kv, letter)
        if (replays.some(({ id }) => id === replay.id)) return
        const entry = { stored: letter.stored, replays: [...replays, replay].slice(-most) }
        try {
          const text = JSON.stringify(entry)
          await (revision === 0 ? kv.create(keyOf(letter), text) : kv.update(keyOf(letter), text, revision))
          return
        } catch (error) {
          // Somebody else replays it in this very moment.
          if (turn === mostTurns || !isOvertaken(error)) throw error
        }
      }
    },
  }
}
