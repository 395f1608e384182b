import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Browser } from '../../../shared/adapters/browse.ts'
import type { Log } from '../../../shared/log.ts'
import type { Refusal } from '../../../shared/refusal.ts'
import { readBody, whole } from '../read.ts'
import type { Answered, Call } from '../route.ts'
import { type World as Replaying, type Result, replay } from './replay.ts'
import { isOneOf, oldest } from './search.ts'
import { LetterId, LetterIds, type Selector, selectors } from './selector.ts'

/** What sending again over HTTP needs. */
export type World = Replaying & { log: Log }

/** Which letters, and how. */
export const Order = z.strictObject({
  ids: LetterIds.optional(),
  ...selectors,
  all: z.literal(true, 'it can only be true').optional(),
  dryRun: z.boolean('it has to be true or false').default(false),
  replayId: z
    .string()
    .regex(/^[\w.:-]{1,128}$/, 'it has to be letters, digits, "-", "_", "." and ":", at most 128')
    .optional(),
  limit: whole(1, 5_000).default(1_000),
  cursor: LetterId.optional(),
})

/** Answers who wants dead letters sent again: what was done with each, or with a dry run would be. */
export function replayer(world: World): (call: Call) => Promise<Answered | Refusal> {
  const { browser, log } = world
  return async ({ body, token }) => {
    const read = readBody(Order, body)
    if ('status' in read) return read
    const { ids, all, dryRun, limit, cursor, replayId = randomUUID(), ...selector } = read.value
    const chosen = Object.entries(selector).filter(([, value]) => value !== undefined)
    const wrong = choiceProblem({ all: all === true, some: ids !== undefined || chosen.length > 0 })
    if (wrong) return { status: 422, message: wrong }
    const order = { replayId, by: token.name, dryRun }
    const { seqs, next } = ids
      ? { seqs: await namedBy(browser, ids, selector) }
      : await foundBy(browser, selector, { most: limit, above: cursor })
    const rows = await replay(seqs, order, world)
    const counts = countsOf(rows.map(({ result }) => result))
    log.info({ ...order, ids, chosen: Object.fromEntries(chosen), all, counts }, 'Dead letters replayed')
    return { data: { replayId, dryRun, counts, list: rows, ...(next && { cursor: String(next) }) } }
  }
}

function choiceProblem({ all, some }: { all: boolean; some: boolean }): string | undefined {
  if (all && some) return 'Cannot choose all and some: leave out "all", or everything else'
  if (all || some) return undefined
  const names = Object.keys(selectors).join(', ')
  return `Nothing is chosen: give ids, ${names}, or "all": true for every dead letter`
}

async function foundBy(
  browser: Browser,
  selector: Selector,
  { most, above }: { most: number; above: string | undefined },
): Promise<{ seqs: number[]; next?: number }> {
  const place = above === undefined ? undefined : Number(above)
  const { letters, next } = await oldest({ browser, selector }, { above: place, most })
  return { seqs: letters.map(({ seq }) => seq), ...(next !== undefined && { next }) }
}

/** Those that were named, without those that something else that was said keeps out. */
async function namedBy(browser: Browser, ids: string[], selector: Selector): Promise<number[]> {
  const seqs = [...new Set(ids.map(Number))].sort((a, b) => a - b)
  if (Object.values(selector).every(value => value === undefined)) return seqs
  const letters = await Promise.all(seqs.map(seq => browser.get(seq)))
  return seqs.filter((_, at) => {
    const letter = letters[at]
    return !letter || isOneOf(selector, letter)
  })
}

function countsOf(results: Result[]): Record<Result, number> {
  const counts = { replayed: 0, planned: 0, already: 0, refused: 0, failed: 0 }
  for (const result of results) counts[result]++
  return counts
}
