import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import { horizonOf } from '../../../shared/kept.ts'
import { severityNumber } from '../../../shared/severity.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { EventFilter, Range } from './filter.ts'
import { type Counting, isCounted, wholeOf } from './rollup.ts'
import { numbersOf } from './severity-numbers.ts'
import type { Dimension } from './shapes.ts'
import { anySubjectSql, subjectSql } from './subject-sql.ts'
import { kindSql, surelyKept, whereOf } from './where.ts'

/** What is counted, for whom and when. */
export type Source = { counting: Counting; token: Pick<Token, 'read'>; now: number }

/** Each event of the range, as one row to be summed up. */
function eventsSource({ counting, token, now }: Source, range: Range, more?: RawBuilder<SqlBool>) {
  const where = whereOf(counting.filter, token, { ...range, now })
  return sql`
    select ${keysSql('events', counting)}${slotSql(sql.ref('events.time'), counting)} as slot, 1 as events,
      events.occurrences::bigint as occurrences, events.time as first, events.time as last
    from events where ${where}${more ? sql` and ${more}` : sql``}`
}

/**
 * All of the range to be summed up: from the roll-up where that tells the same, whole rows of it and the events before
 * and behind them; else each event.
 */
export function sourceOf(
  about: Source,
  range: Range,
  rollup = true,
): { source: RawBuilder<unknown>; from: 'counts' | 'events' } {
  const parts = rollup && isCounted(about.counting, about.token) ? wholeOf(range) : undefined
  if (!parts) return { source: eventsSource(about, range), from: 'events' }
  const sources = [countsSource(about, parts.whole), ...parts.edges.map(edge => eventsSource(about, edge))]
  return { source: sql.join(sources, sql` union all `), from: 'counts' }
}

/**
 * The rows of the roll-up in a range of whole ones; and the events there that are kept from when they came, since of
 * their rows it cannot be told when they are too old.
 */
function countsSource({ counting, token, now }: Source, whole: Range) {
  return sql`
    select ${keysSql('counts', counting)}${slotSql(sql.ref('counts.bucket'), counting)} as slot,
      counts.events as events, counts.occurrences as occurrences, counts.first_time as first, counts.last_time as last
    from counts
    where counts.bucket >= ${new Date(whole.start)} and counts.bucket < ${new Date(whole.end)} and counts.keep >= 0
      and (counts.keep >= ${sql.lit(surelyKept(whole.start, now))}
        or counts.bucket >= ${horizonOf(now)}::timestamptz - counts.keep * interval '24 hours')
      and ${countedSql(counting.filter, token)}
    union all ${eventsSource({ counting, token, now }, whole, sql<SqlBool>`events.keep < 0`)}`
}

/** Which rows of the roll-up a filter chooses that it can answer, for a token of which it can tell what it may read. */
export function countedSql(
  { subject, severity, ...filter }: EventFilter,
  { read }: Pick<Token, 'read'>,
): RawBuilder<SqlBool> {
  const of = (column: string) => sql.ref<string>(`counts.${column}`)
  const conditions: Expression<SqlBool>[] = [anySubjectSql(of('scope'), read)]
  if (subject !== undefined) conditions.push(subjectSql(of('scope'), subject))
  if (severity) conditions.push(inSql(of('severity'), severity.flatMap(numbersOf)))
  if (filter.kind) conditions.push(kindSql(of('kind'), filter.kind))
  for (const column of ['cluster', 'namespace', 'reason', 'category'] as const) {
    const values = filter[column]
    if (values) conditions.push(inSql(of(column), values))
  }
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}

const inSql = (column: Expression<string>, values: readonly (string | number)[]) =>
  sql<SqlBool>`${column} in (${sql.join(values)})`

/** What a group has in common: columns `k0`, `k1` … */
const keysSql = (table: 'events' | 'counts', { by }: Counting) =>
  sql.join(
    by.map((one, at) => sql`${columnSql(table, one)} as ${sql.ref(`k${at}`)}, `),
    sql``,
  )

function columnSql(table: 'events' | 'counts', dimension: Dimension): RawBuilder<string> {
  const column = sql.ref<string>(`${table}.${dimension}`)
  if (dimension === 'correlation') return sql`coalesce(${column}, '')`
  if (dimension !== 'severity') return column
  const { critical, error, warning } = severityNumber
  return sql`case when ${column} >= ${sql.lit(critical)} then 'critical' when ${column} >= ${sql.lit(error)} then 'error'
    when ${column} >= ${sql.lit(warning)} then 'warning' else 'info' end collate "C"`
}

/** The beginning of the span that a time lies in. */
function slotSql(time: Expression<unknown>, { bucket }: Counting) {
  if (bucket === undefined) return sql`null::timestamptz`
  return sql`date_bin(${sql.lit(`${bucket / 1_000} seconds`)}::interval, ${time}, 'epoch'::timestamptz)`
}
