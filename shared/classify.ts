import type { OpsEvent } from './event.ts'
import type { Severity } from './severity.ts'

/** What an event is about and how bad it is, and by which rule that was found: `reason Pod/BackOff`, `type Warning`. */
export type Classified = { category: string; severity: Severity; because: string }

/** Total and pure: every event has a class, whatever is in it. */
export type Classify = (event: OpsEvent) => Classified
