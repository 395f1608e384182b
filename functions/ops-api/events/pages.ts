import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../../shared/database.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { Place } from './cursor.ts'
import type { EventFilter, Range } from './filter.ts'
import { columns, type Row } from './item.ts'
import { whereOf } from './where.ts'

/** Some events, and from where there are more. */
export type Page = { rows: Row[]; next?: Place }

/** What is asked, by whom. */
export type Question = { filter: EventFilter; token: Token; order: 'asc' | 'desc' }

const key = ['time', 'id', 'source', 'keep'] as const

/** Bytes of JSON of the events of a page, about: beyond it a page ends early, and its place leads on. */
export const mostBytes = 16 * 2 ** 20

/**
 * The next `most` events behind a place, or from the beginning where it has no `last`. What comes meanwhile moves no row,
 * since the place is one in the order of the whole key, and the range stays as it was when the first page was asked for.
 */
export async function pageOf(
  db: Kysely<Tables>,
  question: Question,
  { from, most }: { from: From; most: number },
): Promise<Page> {
  const rows: Row[] = []
  let [room, isCut] = [mostBytes, false]
  for (const span of spansOf(question, from)) {
    if (rows.length > most || isCut) break
    const wanted = { from: { ...from, ...span }, most: most + 1 - rows.length, room }
    const found = await rowsOf(db, question, wanted)
    for (const { row } of found) rows.push(row)
    room -= found.reduce((sum, { bytes }) => sum + bytes, 0)
    isCut = found.length < (found[0]?.there ?? 0) || room <= 0
  }
  const some = rows.slice(0, most)
  const last = some.at(-1)
  if ((rows.length <= most && !isCut) || !last) return { rows: some }
  const { start, end, now } = from
  const { id, source, keep } = last
  return { rows: some, next: { start, end, now, last: { time: last.time.getTime(), id, source, keep } } }
}

type From = Omit<Place, 'last'> & Partial<Place>

const firstSpan = 3_600_000
const growth = 8

/**
 * The range in spans, one after the other in the order that is asked for, each longer than the one before: where much is
 * found, not all of a week has to be sorted for the newest hundred. In one piece where a name says that it is little.
 */
function* spansOf({ filter, order }: Question, { start, end, last }: From): Generator<Range> {
  if (filter.name || filter.correlation) return yield { start, end }
  let [left, right] = [start, end]
  if (last) [left, right] = order === 'asc' ? [last.time, end] : [start, Math.min(end, last.time + 1)]
  for (let length = firstSpan; left < right; length *= growth) {
    const span =
      order === 'asc'
        ? { start: left, end: Math.min(right, left + length) }
        : { start: Math.max(left, right - length), end: right }
    yield span
    if (order === 'asc') left = span.end
    else right = span.start
  }
}

type Measured = { row: Row; bytes: number; there: number }

/** The next of them, as many as there is room for but at least one; `there` tells how many there would be. */
async function rowsOf(
  db: Kysely<Tables>,
  { filter, token, order }: Question,
  { from, most, room }: { from: From; most: number; room: number },
): Promise<Measured[]> {
  let query = db
    .selectFrom('events')
    .select(columns)
    .where(whereOf(filter, token, from))
  if (from.last) {
    const { time, id, source, keep } = from.last
    const behind = sql.raw(order === 'asc' ? '>' : '<')
    query = query.where(
      sql<boolean>`(events.time, events.id, events.source, events.keep) ${behind} (${new Date(time)}::timestamptz, ${id}, ${source}, ${keep}::int)`,
    )
  }
  for (const column of key) query = query.orderBy(`events.${column}`, order)
  const inOrder = sql.join(key.map(column => sql`${sql.ref(column)} ${sql.raw(order)}`))
  const { rows } = await sql<Row & { bytes: number; there: number }>`
    with found as (${query.limit(most)}), measured as (
      select *, coalesce(octet_length(data::text), 0) + octet_length(attributes::text) + octet_length(message) as bytes
      from found
    ), summed as (
      select *, (count(*) over ())::int as there,
        coalesce(sum(bytes) over (order by ${inOrder} rows between unbounded preceding and 1 preceding), 0) as before
      from measured
    )
    select * from summed where before < ${room} order by ${inOrder}`.execute(db)
  return rows.map(({ bytes, there, ...row }) => ({ row, bytes, there }))
}
