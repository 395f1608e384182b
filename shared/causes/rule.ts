import type { Severity } from '../severity.ts'
import { severityNumber } from '../severity.ts'
import type { StoredEvent } from '../stored.ts'

/** What of an event the rules look at. */
export type Seen = Pick<
  StoredEvent,
  | 'id'
  | 'time'
  | 'subject'
  | 'cluster'
  | 'namespace'
  | 'kind'
  | 'name'
  | 'reason'
  | 'node'
  | 'category'
  | 'severity'
  | 'correlation'
  | 'message'
  | 'data'
>

/**
 * Which events are meant. Of these kinds, and with one of the reasons, or of one of the categories and at least so bad;
 * `kinds`, `says` and `unless` narrow both down.
 */
export type Match = {
  kinds?: readonly string[]
  reasons?: readonly string[]
  categories?: readonly string[]
  least?: Severity
  says?: RegExp
  unless?: RegExp
}

/** What cause and effect have in common. */
export type Tie = 'node' | 'claim' | 'volume' | 'name' | 'preemptor' | 'object' | 'root'

/** One event follows from another; `within` and `slack` are seconds that the effect may be later, or seem earlier. */
export type CauseRule = {
  name: string
  /** What is said of an edge, as `because`. */
  because: string
  cause: Match
  effect: Match
  by: Tie
  within: number
  slack: number
}

/** What several roots have trouble with. It need not have events of its own. */
export type Shared = { kind: string; namespace?: string; name: string }

/** Events of at least so many roots, close together, share something that is the likely cause of all. */
export type CommonRule = {
  name: string
  because: string
  sign: Match
  /** What is shared, and what is compared besides; undefined for an event that does not say. */
  of(event: Seen): { shared: Shared; also?: string } | undefined
  roots: number
}

/** Longer messages are looked at no further. */
const mostText = 4_096
/** What of its message the rules look at. */
export const textOf = ({ message }: Seen) => message.slice(0, mostText)

/** Is this event one of those that are meant? */
export function fits(match: Match, event: Seen): boolean {
  const { kinds, says, unless } = match
  // It tells again of what was told: a hook's copy of an event would stand in the story beside it.
  if (event.subject.endsWith('.alerts')) return false
  if (kinds && !kinds.includes(event.kind)) return false
  if (!isNamed(match, event) && !isSuch(match, event)) return false
  if (says && !says.test(textOf(event))) return false
  return !unless?.test(textOf(event))
}

const isNamed = ({ reasons }: Match, { reason }: Seen) => reasons?.includes(reason) ?? false

function isSuch({ categories, least }: Match, { category, severity }: Seen): boolean {
  if (categories === undefined && least === undefined) return false
  if (categories && !categories.includes(category)) return false
  return least === undefined || severity >= severityNumber[least]
}
