import { subjectMatches } from '../../../shared/subject.ts'
import { mayRead, type Token } from '../../../shared/tokens.ts'
import type { EventFilter } from './filter.ts'
import type { Row } from './item.ts'
import { severityOf } from './severity-words.ts'
import { hasText, textAsked } from './text.ts'

const exact = ['cluster', 'namespace', 'name', 'reason', 'category', 'correlation'] as const

/** Is an event among those that a filter chooses, for this token? What `whereOf` says, but for times. */
export function fits(row: Row, filter: EventFilter, token: Token): boolean {
  const { subject, kind, type, severity, q } = filter
  if (!mayRead(token, row.subject)) return false
  if (subject !== undefined && !subjectMatches(subject, row.subject)) return false
  if (kind && !kind.some(one => one.toLowerCase() === row.kind.toLowerCase())) return false
  if (type && !type.includes(row.type) && !type.includes(row.event_type)) return false
  if (severity && !severity.includes(severityOf(row.severity))) return false
  for (const column of exact) {
    const value = row[column]
    if (filter[column] && (value === null || !filter[column].includes(value))) return false
  }
  const asked = q === undefined ? undefined : textAsked(q)
  return !asked || hasText(row.message, asked)
}
