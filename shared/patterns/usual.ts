/** What is usual: of so many days' same time, by its median and how far they lie from it. */
export type Usual = {
  /** How many of the days before are known. */
  history: number
  median: number
  /** As a standard deviation, and no less than counting by chance has. */
  spread: number
  /** Was it seen at all in those days, at whatever time? */
  seenBefore: boolean
}

/** MAD of a normal distribution as its standard deviation. */
const consistency = 1.4826

/**
 * What is usual by the counts of one hour on the days before, a 0 for each day without any. Median and MAD do not mind
 * one day out of three or four that was quite different, so that weekends need no calendar of their own.
 */
export function usualOf(counts: number[], seenBefore: boolean): Usual {
  const median = medianOf(counts)
  const mad = medianOf(counts.map(count => Math.abs(count - median)))
  // What happens by chance differs by the root of how often it happens (Poisson).
  const spread = Math.max(consistency * mad, Math.sqrt(median), 1)
  return { history: counts.length, median, spread, seenBefore }
}

function medianOf(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}
