import { type Kysely, sql } from 'kysely'
import type { Shown } from '../../../shared/causes/links.ts'
import type { Tables } from '../../../shared/database.ts'
import { columns, type Row } from '../events/item.ts'
import { type Asker, lean, maySee } from './seen.ts'

/** Those of the events that are there and may be seen. */
export async function eventsShown(db: Kysely<Tables>, shown: readonly Shown[], asker: Asker): Promise<Row[]> {
  if (shown.length === 0) return []
  const { rows } = await sql<Row>`
    select distinct ${wanted}
    from unnest(${shown.map(({ time }) => time.toISOString())}::timestamptz[], ${shown.map(({ id }) => id)}::text[])
      as shown (time, id)
    join events on events.time = shown.time and events.id = shown.id
    where ${maySee(asker)}`.execute(db)
  return rows
}

/** One event of each of these correlations, where there is one that may be seen. */
export async function oneOfEach(db: Kysely<Tables>, ids: readonly string[], asker: Asker): Promise<Row[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<Row>`
    select one.*
    from unnest(${ids}::text[]) as asked (id)
    cross join lateral (
      select ${wanted} from events where events.correlation = asked.id and ${maySee(asker)} limit 1
    ) as one`.execute(db)
  return rows
}

const wanted = sql.join(
  columns.map(column => (column === 'data' ? sql`${lean} as data` : sql.ref(`events.${column}`))),
)
