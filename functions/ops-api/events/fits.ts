import { severityOfNumber } from '../../../shared/severity.ts'
import { subjectMatches } from '../../../shared/subject.ts'
import { mayRead, type Token } from '../../../shared/tokens.ts'
import { type EventFilter, exact } from './filter.ts'
import type { Row } from './item.ts'
import { hasText, textAsked } from './text.ts'

/** Is an event among those that a filter chooses, for this token? What `whereOf` says, but for times. */
export function fits(row: Row, filter: EventFilter, token: Token): boolean {
  const { subject, kind, type, severity, q } = filter
  if (!mayRead(token, row.subject)) return false
  if (subject !== undefined && !subjectMatches(subject, row.subject)) return false
  if (kind && !kind.some(one => one.toLowerCase() === row.kind.toLowerCase())) return false
  if (type && !type.includes(row.type) && !type.includes(row.event_type)) return false
  if (severity && !severity.includes(severityOfNumber(row.severity))) return false
  for (const column of exact) {
    const value = row[column]
    if (filter[column] && (value === null || !filter[column].includes(value))) return false
  }
  const asked = q === undefined ? undefined : textAsked(q)
  return !asked || hasText(row.message, asked)
}
