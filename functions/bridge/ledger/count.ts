import { addCounts, addLines, type Counts, countInto, type Entry, type Line } from '../../../shared/ledger.ts'
import type { Outcome } from '../../../shared/outcome.ts'
import type { Tally } from '../../../shared/tally.ts'
import { masked } from '../deadletter.ts'
import { bytesOf, eventOf } from '../events.ts'
import { type Item, originOf } from '../item.ts'
import type { Trigger } from '../triggers.ts'
import { type Place, placesOf } from './places.ts'

/** What one event came to when it was settled for good. */
export type Counted = {
  /** The patterns that match an event that was judged; undefined for what is no event of hooks'. */
  judged: string[] | undefined
  tally: Tally
  /** Why it failed, at which hooks. */
  failed: { hooks: string[]; reason: string } | undefined
}

/** How an event ended: by this verdict, and whether it was buried, as what was tried for too long is too. */
export type End = { outcome: Outcome; buried?: { reason: string } }

/** What is counted of an event that ended; undefined where there is nothing to count. */
export function countedOf(
  trigger: Pick<Trigger, 'stream' | 'covers'>,
  item: Item,
  { outcome, buried }: End,
  patternsOf: (subject: string) => string[],
): Counted | undefined {
  // What the function recalls of an event that we send for the first time was another message, which is counted.
  const isRepeat = outcome.kind === 'done' && outcome.recalled === true && !item.sent
  const said = outcome.kind === 'retry' || isRepeat ? {} : (outcome.tally ?? {})
  const isEvent = originOf(item.pulled).stream === 'ops'
  const judged =
    trigger.covers === 'hooks' && isEvent && outcome.kind !== 'retry' ? patternsOf(item.subject) : undefined
  const tally = trigger.stream === 'deliveries' ? tallyOfDelivery(item, said, buried !== undefined) : said
  const hooks = buried ? Object.keys(tally).filter(id => tally[id]?.dead || tally[id]?.refused) : []
  if (!judged && Object.keys(tally).length === 0) return undefined
  return { judged, tally, failed: buried && { hooks, reason: buried.reason } }
}

/** A dead letter that was sent again was counted as dead: it is a new one, beside single events, that ends here. */
function tallyOfDelivery(item: Item, said: Tally, isDead: boolean): Tally {
  // Reading each delivery would cost more than all the rest.
  if (!isDead && !bytesOf(item).includes('"replayid"')) return said
  const { hook, replayed } = deliveryIn(item)
  const more: Counts = { ...(isDead && { dead: 1 }), ...(replayed && { notices: 1, queued: 1 }) }
  const isEnd = isDead || Object.keys(said).length > 0
  return isEnd && Object.keys(more).length > 0 ? { ...said, [hook]: addCounts(said[hook] ?? {}, more) } : said
}

/** The hook that a delivery is for, as the event has it or else its subject; and whether it is a dead letter's replay. */
export function deliveryIn(item: Item): { hook: string; replayed: boolean } {
  const read = eventOf(item)
  const { hook, replayid }: Record<string, unknown> = 'event' in read ? read.event : {}
  const [, namespace = '', name = ''] = item.subject.split('.')
  return { hook: typeof hook === 'string' ? hook : `${namespace}/${name}`, replayed: replayid !== undefined }
}

/** The entry of the journal for all of these, counted `at` Unix ms. */
export function entryOf(members: { pulled: Place; counted: Counted }[], at: number): Entry {
  const patterns = new Map<string, number>()
  const sums = new Map<string, Counts>()
  const errors = new Map<string, Line>()
  let received = 0
  for (const { counted } of members) {
    const { judged, tally, failed } = counted
    if (judged) received++
    for (const pattern of judged ?? []) patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1)
    for (const hook in tally) {
      const sum = sums.get(hook) ?? {}
      sums.set(hook, countInto(sum, tally[hook] ?? {}))
    }
    for (const hook of failed?.hooks ?? []) {
      sums.set(hook, sums.get(hook) ?? {})
      errors.set(hook, errorLine(failed?.reason ?? '', at))
    }
  }
  const lines = [...sums].map(([hook, counts]): [string, Line] => {
    const line = { counts, ...((counts.matched ?? 0) > 0 && { lastMatched: at }) }
    return [hook, addLines(line, errors.get(hook) ?? { counts: {} })]
  })
  return {
    ...{ at, received, patterns: Object.fromEntries(patterns), hooks: Object.fromEntries(lines) },
    places: placesOf(members.map(({ pulled }) => pulled)),
  }
}

const longestReason = 256

/** What a hook's line has of a failure. */
export const errorLine = (reason: string, at: number): Line => ({
  counts: {},
  lastError: { at, reason: masked(reason).slice(0, longestReason).toWellFormed() },
})
