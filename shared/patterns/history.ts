import { type Expression, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Tables } from '../database.ts'
import { type PatternKey, textOf } from './key.ts'
import { type Usual, usualOf } from './usual.ts'

/** So many days are looked back on. */
const mostDays = 7
const day = 24 * 3600_000

/** What makes patterns: it has a reason, and does not tell of other events that are counted already, as alerts do. */
export const isOriginal: RawBuilder<SqlBool> = sql<SqlBool>`(counts.observation <> 'alerts' and counts.reason <> '')`

/** The keys as rows of a query, with the names of their columns. */
export const rowsOf = (keys: PatternKey[]): RawBuilder<PatternKey> => sql<PatternKey>`
  unnest(${keys.map(({ cluster }) => cluster)}::text[], ${keys.map(({ reason }) => reason)}::text[],
    ${keys.map(({ kind }) => kind)}::text[], ${keys.map(({ namespace }) => namespace)}::text[])
  as asked (cluster, reason, kind, namespace)`

/** Is a row of `counts` about the key of `asked`? */
export const isAsked: RawBuilder<SqlBool> = sql<SqlBool>`(counts.cluster = asked.cluster collate "C"
  and counts.reason = asked.reason collate "C" and counts.kind = asked.kind collate "C"
  and counts.namespace = asked.namespace collate "C")`

/**
 * What is usual for each of these keys from `start` to `end` (Unix ms, in UTC: an hour is an hour all year round) by the
 * same time of the days before, as far as the roll-up reaches back and such events are kept; by `textOf` of the key.
 * `counted` says which rows of `counts` are meant. Nothing where the range is longer than a day: it would be compared with
 * parts of itself.
 */
export async function usualsOf(
  db: Kysely<Tables>,
  keys: PatternKey[],
  { start, end, counted }: { start: number; end: number; counted: Expression<SqlBool> },
): Promise<Map<string, Usual>> {
  if (keys.length === 0 || end - start > day) return new Map()
  const { rows } = await sql<{ bucket: Date | null }>`select min(bucket) as bucket from counts`.execute(db)
  const days = daysBetween(rows[0]?.bucket, start)
  const counts = Map.groupBy(await countsOf(db, keys, { start, end, days, counted }), textOf)
  const before = new Map([...counts].map(([text, some]) => [text, some.filter(({ n }) => n > 0)]))
  const unseen = keys.filter(key => (before.get(textOf(key)) ?? []).length === 0)
  const seen = new Set((await seenBefore(db, unseen, { start, counted })).map(textOf))
  return new Map(
    keys.map(key => {
      const text = textOf(key)
      const past = before.get(text) ?? []
      // What is kept for three days was not there four days ago, whether it happened or not.
      const kept = counts.get(text)?.find(({ n }) => n === 0)?.keep ?? mostDays + 1
      const known = Math.max(0, Math.min(days, kept - 1))
      const byDay = Array.from({ length: known }, (_, at) => past.find(({ n }) => n === at + 1)?.count ?? 0)
      return [text, usualOf(byDay, past.length > 0 || seen.has(text))]
    }),
  )
}

/** The whole days for which the roll-up was there at that time. */
const daysBetween = (oldest: Date | null | undefined, start: number): number =>
  oldest ? Math.min(mostDays, Math.max(0, Math.floor((start - oldest.getTime()) / day))) : 0

type Asked = { start: number; end: number; days: number; counted: Expression<SqlBool> }
type Day = PatternKey & { n: number; count: number; keep: number }

/**
 * Of the range, which is day 0, and of the days before; those without any are not there, and others may be. Each day is a
 * question of its own with its times as values, so that its rows are found by them; and keys are lists: joined, each row
 * would be compared with each of many.
 */
async function countsOf(
  db: Kysely<Tables>,
  keys: PatternKey[],
  { start, end, days, counted }: Asked,
): Promise<Day[]> {
  const lists = (['reason', 'namespace', 'kind'] as const).map(name => {
    const values = [...new Set(keys.map(key => key[name]))]
    return sql<SqlBool>`${sql.ref(`counts.${name}`)} = any (${values}::text[] collate "C")`
  })
  const each = Array.from({ length: days + 1 }, (_, n) => {
    const [from, to] = [start, end].map(time => new Date(time - n * day))
    return sql`
      select counts.cluster, counts.reason, counts.kind, counts.namespace, ${sql.lit(n)}::int as n,
        sum(counts.occurrences)::float8 as count, min(abs(counts.keep))::int as keep
      from counts
      where counts.bucket >= ${from} and counts.bucket < ${to} and ${counted} and ${sql.join(lists, sql` and `)}
      group by counts.cluster, counts.reason, counts.kind, counts.namespace`
  })
  const { rows } = await sql<Day>`${sql.join(each, sql` union all `)}`.execute(db)
  return rows
}

/** Those that were seen in the days before, at whatever time. */
async function seenBefore(
  db: Kysely<Tables>,
  keys: PatternKey[],
  { start, counted }: Pick<Asked, 'start' | 'counted'>,
): Promise<PatternKey[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<PatternKey>`
    select asked.* from ${rowsOf(keys)}
    where exists (
      select from counts where ${isAsked} and ${counted}
        and counts.bucket >= ${new Date(start - mostDays * day)} and counts.bucket < ${new Date(start)}
    )`.execute(db)
  return rows
}
