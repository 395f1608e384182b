import { hash } from 'node:crypto'
import { z } from 'zod'
import { addCounts, addLines, Counts, type Line, Sums } from './ledger.ts'

/** Up to where the journal is posted. One that was made anew begins at 1 again: `journal` is when it was made. */
export const Position = z.object({ journal: z.string(), seq: z.int().min(0) })
export type Position = z.infer<typeof Position>

/** A page of the ledger: some of the hooks and patterns. `gone`: since when those are that are in force no more. */
export const Page = Sums.omit({ received: true }).extend({
  at: Position,
  gone: z.record(z.string(), z.number()),
})
export type Page = z.infer<typeof Page>

/** The first page: the sums of all that ever was, also of hooks that are gone. */
export const Head = z.object({ at: Position, received: z.int().min(0), counts: Counts })
export type Head = z.infer<typeof Head>

/** How many pages there are: with 10,000 hooks each is far below NATS' payload limit. */
export const pageCount = 64

/** The page on which a hook or a pattern stands. */
export const pageOf = (name: string): number =>
  Number.parseInt(hash('sha256', name).slice(0, 4), 16) % pageCount

/** An entry of the journal, or what of it is for one page, and its place. */
export type Posting = { seq: number; sums: Sums }

/** What of the entries is for which page. */
export function byPage(entries: Posting[]): Map<number, Posting[]> {
  const postings = new Map<number, Posting[]>()
  const partOf = (seq: number, name: string): Sums => {
    const page = pageOf(name)
    const parts = postings.get(page) ?? []
    postings.set(page, parts)
    const last = parts.at(-1)
    if (last?.seq === seq) return last.sums
    const sums = { received: 0, patterns: {}, hooks: {} }
    parts.push({ seq, sums })
    return sums
  }
  for (const { seq, sums } of entries) {
    for (const [name, times] of Object.entries(sums.patterns)) partOf(seq, name).patterns[name] = times
    for (const [name, line] of Object.entries(sums.hooks)) partOf(seq, name).hooks[name] = line
  }
  return postings
}

const isNew = (at: Position | undefined, upTo: Position, seq: number) =>
  seq > (at?.journal === upTo.journal ? at.seq : 0)
// Somebody who did not come to the end of it may have read further.
const later = (at: Position | undefined, upTo: Position) => (isNew(at, upTo, upTo.seq) || !at ? upTo : at)

/** A page with what these postings add to it, less those that it has already. `upTo`: the last of the journal's. */
export function postPage(page: Page | undefined, postings: Posting[], upTo: Position): Page {
  const patterns: Record<string, number> = { ...page?.patterns }
  const hooks: Record<string, Line> = { ...page?.hooks }
  for (const { seq, sums } of postings) {
    if (!isNew(page?.at, upTo, seq)) continue
    for (const [name, times] of Object.entries(sums.patterns)) patterns[name] = (patterns[name] ?? 0) + times
    for (const [name, line] of Object.entries(sums.hooks))
      hooks[name] = addLines(hooks[name] ?? { counts: {} }, line)
  }
  return { at: later(page?.at, upTo), patterns, hooks, gone: page?.gone ?? {} }
}

/** The same for the first page and whole entries. */
export function postHead(head: Head | undefined, entries: Posting[], upTo: Position): Head {
  let { received, counts } = head ?? { received: 0, counts: {} }
  for (const { seq, sums } of entries) {
    if (!isNew(head?.at, upTo, seq)) continue
    received += sums.received
    for (const line of Object.values(sums.hooks)) counts = addCounts(counts, line.counts)
  }
  return { at: later(head?.at, upTo), received, counts }
}

/** For so long the counts of a hook stay that is deleted: it may come back. */
export const goneAfter = 24 * 3600_000

/** A page without what has been gone for long, noting what is gone `now`; undefined where it stays as it is. */
export function sweptPage(page: Page, inForce: (name: string) => boolean, now: number): Page | undefined {
  const names = [...Object.keys(page.patterns), ...Object.keys(page.hooks)]
  const gone: Record<string, number> = {}
  for (const name of names) if (!inForce(name)) gone[name] = page.gone[name] ?? now
  const stays = (name: string) => now - (gone[name] ?? now) < goneAfter
  const kept = <T>(of: Record<string, T>) =>
    Object.fromEntries(Object.entries(of).filter(([name]) => stays(name)))
  const swept = { ...page, patterns: kept(page.patterns), hooks: kept(page.hooks), gone: kept(gone) }
  const same = JSON.stringify([swept.gone, names.filter(stays)]) === JSON.stringify([page.gone, names])
  return same ? undefined : swept
}
