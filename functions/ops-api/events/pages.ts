import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../../shared/database.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { Place } from './cursor.ts'
import type { EventFilter } from './filter.ts'
import { columns, type Row } from './item.ts'
import { whereOf } from './where.ts'

/** Some events, and from where there are more. */
export type Page = { rows: Row[]; next?: Place }

/** What is asked, by whom. */
export type Question = { filter: EventFilter; token: Token; order: 'asc' | 'desc' }

const key = ['time', 'id', 'source', 'keep'] as const

/**
 * The next `most` events behind a place, or from the beginning where it has no `last`. What comes meanwhile moves no row,
 * since the place is one in the order of the whole key, and the range stays as it was when the first page was asked for.
 */
export async function pageOf(
  db: Kysely<Tables>,
  { filter, token, order }: Question,
  { from, most }: { from: Omit<Place, 'last'> & Partial<Place>; most: number },
): Promise<Page> {
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
  const rows: Row[] = await query.limit(most + 1).execute()
  const some = rows.slice(0, most)
  const last = some.at(-1)
  if (rows.length <= most || !last) return { rows: some }
  const { start, end, now } = from
  const { id, source, keep } = last
  return { rows: some, next: { start, end, now, last: { time: last.time.getTime(), id, source, keep } } }
}
