import { type Expression, expressionBuilder, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Tables } from '../../../shared/database.ts'
import { keptSql } from '../../../shared/kept.ts'
import type { Token } from '../../../shared/tokens.ts'
import { tsqueryText } from '../../../shared/words.ts'
import { type EventFilter, exact, type Range } from './filter.ts'
import { numbersOf } from './severity-numbers.ts'
import { anySubjectSql, subjectSql } from './subject-sql.ts'
import { textAsked } from './text.ts'

/**
 * Which rows of `events` are meant: those that the filter chooses, less what the token may not read (design, section 7:
 * rights go by the subject), less what is past its retention and still there. Of the times it takes those of `rangeOf`.
 */
export function whereOf(
  filter: Omit<EventFilter, 'start_time' | 'end_time'>,
  { read }: Pick<Token, 'read'>,
  { start, end, now }: Range & { now: number },
): Expression<SqlBool> {
  const eb = expressionBuilder<Tables, 'events'>()
  const { subject, kind, type, severity, q } = filter
  const conditions: Expression<SqlBool>[] = [
    eb('events.time', '>=', new Date(start)),
    eb('events.time', '<', new Date(end)),
    sql<SqlBool>`(${sql.ref('events.keep')} >= ${sql.lit(surelyKept(start, now))} or ${keptSql(now)})`,
    anySubjectSql(eb.ref('events.subject'), read),
  ]
  if (subject !== undefined) conditions.push(subjectSql(eb.ref('events.subject'), subject))
  for (const column of exact) {
    const values = filter[column]
    if (values) conditions.push(eb(`events.${column}`, 'in', values))
  }
  if (kind) conditions.push(kindSql(eb.ref('events.kind'), kind))
  if (type) conditions.push(eb.or([eb('events.type', 'in', type), eb('events.event_type', 'in', type)]))
  if (severity) conditions.push(eb('events.severity', 'in', severity.flatMap(numbersOf)))
  if (q !== undefined) conditions.push(textSql(q))
  return eb.and(conditions)
}

/** Whoever is kept for so many days is there from a time on, whatever it is: nothing more need be asked of it. */
export const surelyKept = (start: number, now: number) =>
  Math.min(32_767, Math.max(0, Math.ceil((now - start) / 86_400_000)))

/** One of these kinds, whatever the case: those of subjects are lower-case, those of data as Kubernetes writes them. */
export const kindSql = (column: Expression<string>, kinds: readonly string[]) =>
  sql<SqlBool>`lower(${column}) in (${sql.join(kinds.map(kind => kind.toLowerCase()))})`

/** Messages that have what is asked for: their words by the index, and phrases as they stand there. */
function textSql(q: string): RawBuilder<SqlBool> {
  const asked = textAsked(q)
  if (!asked) return sql<SqlBool>`false`
  const words = sql<SqlBool>`${sql.ref('events.words')} @@ ${tsqueryText(asked.words)}::tsquery`
  const phrases = asked.phrases.map(
    phrase => sql<SqlBool>`position(${phrase} in lower(${sql.ref('events.message')} collate "C")) > 0`,
  )
  return sql<SqlBool>`(${sql.join([words, ...phrases], sql` and `)})`
}
