import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import type { Link } from '../../../shared/causes/links.ts'
import type { Tables } from '../../../shared/database.ts'
import { severityOfNumber } from '../../../shared/severity.ts'
import type { EventFilter, Range } from '../events/filter.ts'
import { whereOf } from '../events/where.ts'
import { above, beginningsIn } from './hang.ts'
import { membersOf } from './members.ts'
import { rootsOf } from './roots.ts'
import type { Asker } from './seen.ts'
import type { Stories } from './shapes.ts'
import { eventsShown, oneOfEach } from './shown.ts'
import { sourceFor } from './source.ts'

/** So many events of the range are looked at, and so many correlations, the newest. */
const most = { events: 20_000, correlations: 500 } as const

/** They tell of many events, and are no story of their own. */
const aboutOthers = ['Pattern', 'Digest']

type Asked = { asker: Asker; range: Range; limit: number }

/** The stories of the events that are chosen, those in which something happened last. */
export async function storiesOf(
  db: Kysely<Tables>,
  filter: Omit<EventFilter, 'start_time' | 'end_time'>,
  { asker, range, limit }: Asked,
): Promise<z.input<typeof Stories>> {
  const { correlation } = filter
  const wanted = correlation && (await membersOf(db, correlation, asker)).ids
  const parts = await partsOf(db, { ...filter, correlation: wanted }, { asker, range })
  const ids = parts.map(({ id }) => id)
  const { source, truncated } = await sourceFor(db, ids, asker)
  const up = await above(ids, source)
  const beginningsOf = beginningsIn(up)
  const stories = [...Map.groupBy(parts, ({ id }) => beginningsOf(id)[0] ?? id)].slice(0, limit)
  const roots = await rootsFor(
    db,
    stories.map(([id]) => id),
    { links: up.links, asker },
  )
  const looked = parts.reduce((sum, { events }) => sum + events, 0)
  return {
    list: stories.map(([id, some]) => ({
      id,
      ...(roots.has(id) && { root: roots.get(id) }),
      events: some.reduce((sum, { events }) => sum + events, 0),
      occurrences: some.reduce((sum, { occurrences }) => sum + occurrences, 0),
      from: new Date(Math.min(...some.map(({ from }) => from.getTime()))).toISOString(),
      to: new Date(Math.max(...some.map(({ to }) => to.getTime()))).toISOString(),
      severity: severityOfNumber(Math.max(...some.map(({ severity }) => severity))),
      categories: [...new Set(some.flatMap(({ categories }) => categories))].sort(),
      correlations: some.length,
    })),
    start_time: new Date(range.start).toISOString(),
    end_time: new Date(range.end).toISOString(),
    truncated:
      truncated ||
      up.truncated ||
      looked >= most.events ||
      parts.length >= most.correlations ||
      stories.length >= limit,
  }
}

async function partsOf(
  db: Kysely<Tables>,
  filter: Omit<EventFilter, 'start_time' | 'end_time'>,
  { asker, range }: Omit<Asked, 'limit'>,
) {
  const newest = db
    .selectFrom('events')
    .select(['correlation', 'occurrences', 'time', 'severity', 'category'])
    .where(whereOf(filter, asker.token, { ...range, now: asker.now }))
    .where('correlation', 'is not', null)
    .where('event_type', 'not in', aboutOthers)
    .orderBy('time', 'desc')
    .limit(most.events)
    .as('newest')
  return await db
    .selectFrom(newest)
    .select(({ fn }) => [
      sql<string>`correlation`.as('id'),
      sql<number>`count(*)::integer`.as('events'),
      sql<number>`sum(occurrences)::float8`.as('occurrences'),
      fn.min('time').as('from'),
      fn.max('time').as('to'),
      fn.max('severity').as('severity'),
      sql<string[]>`array_agg(distinct category)`.as('categories'),
    ])
    .groupBy('correlation')
    .orderBy('to', 'desc')
    .orderBy('id')
    .limit(most.correlations)
    .execute()
}

/** What these are about; of what has no events itself one that shares it tells. */
async function rootsFor(
  db: Kysely<Tables>,
  ids: string[],
  { links, asker }: { links: Link[]; asker: Asker },
) {
  const telling = ids.flatMap(id => links.find(({ parent }) => parent === id)?.effect ?? [])
  return rootsOf([...(await oneOfEach(db, ids, asker)), ...(await eventsShown(db, telling, asker))])
}
