import { eventOf } from '../../../shared/row.ts'
import { severityOfNumber } from '../../../shared/severity.ts'
import type { StoredEvent } from '../../../shared/stored.ts'

export type Item = ReturnType<typeof itemOf>

/** The columns that an item is made of. */
export const columns = [
  ...(['id', 'source', 'time', 'subject', 'event_type', 'type', 'cluster', 'namespace'] as const),
  ...(['kind', 'name', 'reason', 'node', 'resource', 'observation', 'category', 'severity'] as const),
  ...(['occurrences', 'correlation', 'message', 'data', 'attributes', 'keep'] as const),
]

/** What is read of an event for an answer. */
export type Row = Omit<StoredEvent, 'template'>

/** What is answered of an event. */
export function itemOf(row: Row) {
  const { category, cluster, namespace, kind, name, node, type, reason } = row
  const { observation, occurrences, message, subject } = row
  return {
    time: row.time.toISOString(),
    severity: severityOfNumber(row.severity),
    ...{ category, cluster, namespace, kind, name, node, type, reason },
    ...{ observation, occurrences, correlation: row.correlation ?? '', message, subject },
    event: eventOf(row),
  }
}
