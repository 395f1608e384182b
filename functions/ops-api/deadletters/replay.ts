import type { Browser, Stored } from '../../../shared/adapters/browse.ts'
import type { Message } from '../../../shared/adapters/publisher.ts'
import type { Replays } from '../../../shared/adapters/replays.ts'
import { messageOf } from '../../../shared/log.ts'
import { subjectMatches } from '../../../shared/subject.ts'
import { contentsOf, hookOf, letterOf, replayMessage } from './letter.ts'

/** What replaying needs. `publish` rejects with a PublishError. */
export type World = {
  browser: Browser
  replays: Replays
  /** The subjects of stream `retries` that somebody takes from. */
  taken(): Promise<string[]>
  publish(message: Message): Promise<unknown>
  now(): number
}

/**
 * What became of a dead letter, or would have: `already`: this replay has sent it before; `refused`: it cannot be;
 * `failed`: it may be tried again under the same replay id.
 */
export type Result = 'replayed' | 'planned' | 'already' | 'refused' | 'failed'
export type Row = { id: string; result: Result; because?: string } & Partial<
  Pick<ReturnType<typeof letterOf>, 'time' | 'trigger' | 'subject' | 'reason'> & { hook: string }
>

/** Under which id, by whose token, and whether it is done or only said. */
export type Order = { replayId: string; by: string; dryRun: boolean }

const atOnce = 64

/** Sends these dead letters out again, in their order: each once for each replay id, and only to its own trigger. */
export async function replay(seqs: number[], order: Order, world: World): Promise<Row[]> {
  const patterns = await world.taken()
  const rows: Row[] = []
  for (let at = 0; at < seqs.length; at += atOnce) {
    const some = seqs.slice(at, at + atOnce)
    const letters = await Promise.all(some.map(seq => world.browser.get(seq)))
    const known = await Promise.all(letters.map(letter => (letter ? world.replays.of(letter) : [])))
    const sent = letters.map((letter, index) => {
      if (!letter) return { id: String(some[index]), result: 'refused', because: gone } as const
      const isDone = known[index]?.some(({ id }) => id === order.replayId) ?? false
      return one(letter, isDone, { order, patterns, world })
    })
    rows.push(...(await Promise.all(sent)))
  }
  return rows
}

const gone = 'there is no such dead letter, or no longer'

async function one(
  letter: Stored,
  isDone: boolean,
  { order, patterns, world }: { order: Order; patterns: string[]; world: World },
): Promise<Row> {
  const contents = contentsOf(letter)
  const { id, time, trigger, subject, reason } = letterOf(letter)
  const hook = hookOf(contents)
  const row = { id, time, trigger, ...(hook && { hook }), subject, reason }
  if (isDone) return { ...row, result: 'already', because: `replay "${order.replayId}" has sent it` }
  if ('problem' in contents) return { ...row, result: 'refused', because: contents.problem }
  const now = world.now()
  const message = replayMessage(letter, contents, { replayId: order.replayId, now })
  if (!patterns.some(pattern => subjectMatches(pattern, message.subject)))
    return { ...row, result: 'refused', because: `no trigger "${trigger}" is at work that would take it` }
  if (order.dryRun) return { ...row, result: 'planned' }
  try {
    await world.publish(message)
    // Remembered only now: a crash in between sends it twice at most, under one delivery id.
    await world.replays.add(letter, { id: order.replayId, at: new Date(now).toISOString(), by: order.by })
    return { ...row, result: 'replayed' }
  } catch (error) {
    return { ...row, result: 'failed', because: messageOf(error) }
  }
}
