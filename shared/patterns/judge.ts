import { countsBucket } from '../database.ts'
import type { Usual } from './usual.ts'

/** How often something was seen: occurrences in all and in its fullest five minutes, and the times of the first and last. */
export type Sighting = { count: number; peak: number; first: Date; last: Date }

/** From when on it is a pattern: so many, more than so many a minute; and from which multiple of the usual on. */
export type Terms = { minCount: number; minRate: number; minRatio: number }

export const usualTerms: Terms = { minCount: 3, minRate: 0.5, minRatio: 3 }

export const verdicts = ['new', 'change', 'burst', 'recurring'] as const
export type Verdict = (typeof verdicts)[number]

/** What was found; `ratio` to the usual, where `history` has enough days of it. No verdict: it is not worth a word. */
export type Judged = { frequency: number; ratio?: number; history: number; verdict?: Verdict }

const minute = 60_000

/**
 * Is it a pattern, and of what sort? What nobody has seen in the days before is `new`, what is far above the usual is a
 * `change`; what recurs does so within a minute (`burst`) or over a while. It recurs where the whole time or any five
 * minutes of it are above the rate: a storm is not hidden by what came long after it.
 */
export function judge(seen: Sighting, usual: Usual | undefined, terms: Terms): Judged {
  const { frequency, lasted } = frequencyOf(seen)
  const known = usual !== undefined && usual.history >= enoughHistory
  const judged: Judged = {
    frequency,
    history: usual?.history ?? 0,
    ...(known && { ratio: rounded(seen.count / Math.max(usual.median, 1)) }),
  }
  if (seen.count < terms.minCount) return judged
  const recurs =
    frequency > terms.minRate ||
    (seen.peak >= terms.minCount && (seen.peak * minute) / countsBucket > terms.minRate)
  const isNew = known && !usual.seenBefore
  if (isNew && recurs) return { ...judged, verdict: 'new' }
  if (known && isChanged(seen.count, usual, terms)) return { ...judged, verdict: isNew ? 'new' : 'change' }
  if (!recurs) return judged
  return { ...judged, verdict: lasted < minute ? 'burst' : 'recurring' }
}

/** Fewer days say nothing of what is usual. */
const enoughHistory = 3

/** A minute: less tells no frequency, and what comes within an instant is the worst of all. */
export function frequencyOf({ count, first, last }: Omit<Sighting, 'peak'>): {
  frequency: number
  lasted: number
} {
  const lasted = last.getTime() - first.getTime()
  return { frequency: rounded(count / Math.max(lasted / minute, 1)), lasted }
}

/** So many times the spread above the median is no chance. */
const beyondChance = 4

/** Far enough above, in the multiple as well as beyond what days differ by: `0, 0, 0` makes 3 no change, and 1000 ± 300 no 1500. */
function isChanged(count: number, { median, spread }: Usual, { minRatio }: Terms): boolean {
  return count >= minRatio * Math.max(median, 1) && count > median + beyondChance * spread
}

const rounded = (value: number) => Math.round(value * 100) / 100
