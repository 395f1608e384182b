import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../shared/database.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { storable } from '../../shared/storable.ts'
import { keyProblem } from './key.ts'

/**
 * The events with a time. What others publish without one gets that of its first coming, which is kept under its id and
 * source: a repeat has the same time, and is the same row.
 */
export async function withTimes(db: Kysely<Tables>, events: OpsEvent[], received: Date): Promise<OpsEvent[]> {
  // What can be no key of this table can be none of the events' either, and is not stored.
  const some = events
    .filter(event => !event.time)
    .map(({ id, source }) => ({ id: clean(id), source: clean(source) }))
    .filter(key => !keyProblem(key))
  const lacking = [...new Map(some.map(key => [keyOf(key), key])).values()]
  if (lacking.length === 0) return events
  const ids = lacking.map(({ id }) => id)
  const sources = lacking.map(({ source }) => source)
  const { rows } = await sql<{ id: string; source: string; time: Date }>`
    insert into untimed (id, source, time)
    select id, source, ${received} from unnest(${ids}::text[], ${sources}::text[]) as given (id, source)
    order by id, source
    on conflict (id, source) do update set time = untimed.time
    returning id, source, time`.execute(db)
  const times = new Map(rows.map(row => [keyOf(row), row.time.toISOString()]))
  return events.map(event =>
    event.time ? event : { ...event, time: times.get(keyOf(event)) ?? received.toISOString() },
  )
}

const keyOf = ({ id, source }: { id: string; source: string }) => JSON.stringify([clean(id), clean(source)])
const clean = (text: string) => String(storable(text).value)
