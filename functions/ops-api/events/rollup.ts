import { countsBucket } from '../../../shared/database.ts'
import { isDecidedByScope } from '../../../shared/scope.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { EventFilter, Range } from './filter.ts'
import type { Dimension } from './shapes.ts'

/** What is to be counted: of which events, by what, and by spans of how many milliseconds. */
export type Counting = { filter: EventFilter; by: readonly Dimension[]; bucket?: number | undefined }

const counted: readonly Dimension[] = [
  ...(['cluster', 'namespace', 'kind', 'type', 'reason', 'category', 'severity', 'observation'] as const),
]
// `type` means the CloudEvent's as well, which is not counted by.
const uncounted = ['name', 'type', 'correlation', 'q'] as const

/** Can it be told from the roll-up as exactly as from the events, for a token that may read no more than these? */
export function isCounted(
  { filter, by, bucket = countsBucket }: Counting,
  { read }: Pick<Token, 'read'>,
): boolean {
  const patterns = [...(read.includes('>') ? [] : read), ...(filter.subject ? [filter.subject] : [])]
  return (
    bucket % countsBucket === 0 &&
    by.every(one => counted.includes(one)) &&
    uncounted.every(name => filter[name] === undefined) &&
    patterns.every(isDecidedByScope)
  )
}

/** The part of a range that is whole rows of the roll-up, and what is left before and behind; undefined without one. */
export function wholeOf({ start, end }: Range): { whole: Range; edges: Range[] } | undefined {
  const whole = {
    start: Math.ceil(start / countsBucket) * countsBucket,
    end: Math.floor(end / countsBucket) * countsBucket,
  }
  if (whole.start >= whole.end) return undefined
  const edges = [
    { start, end: whole.start },
    { start: whole.end, end },
  ]
  return { whole, edges: edges.filter(edge => edge.start < edge.end) }
}
