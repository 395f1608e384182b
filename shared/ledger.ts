import { z } from 'zod'
import { Counted } from './tally.ts'

const count = z.int().min(0)

/** How often each happened; what never did is absent. */
export const Counts = z.partialRecord(Counted, count)
export type Counts = z.infer<typeof Counts>

/** What is known of one hook. Times are Unix milliseconds. */
export const Line = z.object({
  counts: Counts,
  lastMatched: z.number().optional(),
  /** Why an attempt or a delivery failed last; nothing secret is in it. */
  lastError: z.object({ at: z.number(), reason: z.string() }).optional(),
})
export type Line = z.infer<typeof Line>

/** What some events came to: all of them, by subject pattern of hooks, and by hook id. */
export const Sums = z.object({
  /** Events judged: of all, and by pattern those that it matches. */
  received: count,
  patterns: z.record(z.string(), count),
  hooks: z.record(z.string(), Line),
})
export type Sums = z.infer<typeof Sums>

/**
 * Places of counted messages in one stream: pairs of first and last, in order. `from` and `to`, when they were stored
 * in Unix milliseconds: a stream that was made anew has other messages at the same places.
 */
export const Places = z.object({ ranges: z.array(z.number()), from: z.number(), to: z.number() })
export type Places = z.infer<typeof Places>

/** An entry of the journal: what was counted at once, when, and which messages that was, by stream. */
export const Entry = Sums.extend({ at: z.number(), places: z.record(z.string(), Places) })
export type Entry = z.infer<typeof Entry>

/** Both together. */
export const addCounts = (one: Counts, other: Counts): Counts => countInto({ ...one }, other)

/** Adds to the sum itself, which is a fifth of the work. */
export function countInto(sum: Counts, more: Counts): Counts {
  for (const word of Counted.options) {
    const times = more[word]
    if (times) sum[word] = (sum[word] ?? 0) + times
  }
  return sum
}

/** Both together: the sums, and the later of what is last. */
export function addLines(one: Line, other: Line): Line {
  const matched = Math.max(one.lastMatched ?? 0, other.lastMatched ?? 0)
  const error = (other.lastError?.at ?? 0) >= (one.lastError?.at ?? 0) ? other.lastError : one.lastError
  return {
    counts: addCounts(one.counts, other.counts),
    ...(matched > 0 && { lastMatched: matched }),
    ...(error && { lastError: error }),
  }
}

/**
 * By how much the two equations of shared/tally.ts do not come out even: both 0 when nothing is under way. Below 0
 * where what follows is counted already, and what it follows from is not yet.
 */
export function balance(counts: Counts, waiting: number): { matched: number; queued: number } {
  const {
    matched = 0,
    notices = 0,
    queued = 0,
    republished = 0,
    refused = 0,
    delivered = 0,
    dead = 0,
  } = counts
  return {
    matched: matched + notices - suppressed(counts) - queued - republished - refused,
    queued: queued - delivered - dead - waiting,
  }
}

/** How many events hooks matched and were kept from firing on. */
export function suppressed(counts: Counts): number {
  const { dedup = 0, threshold = 0, storm = 0, silenced = 0, suspended = 0 } = counts
  return dedup + threshold + storm + silenced + suspended
}
