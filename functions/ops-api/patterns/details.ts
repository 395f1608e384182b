import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../../shared/database.ts'
import { rowsOf } from '../../../shared/patterns/history.ts'
import { type PatternKey, textOf } from '../../../shared/patterns/key.ts'
import { whereOf } from '../events/where.ts'
import type { Asked } from './candidates.ts'
import { drain, type Mined } from './drain.ts'

/** The last events of a pattern. */
export type Details = { samples: Sample[]; templates: Mined[]; severity: number; category: string }
/** One of them, to look at. */
export type Sample = { id: string; source: string; time: string; name: string; message: string }

const shown = { samples: 3, templates: 10, message: 1_000 }
/** Templates are mined from so many of the last events of each pattern. */
const lookedAt = 200

type Row = PatternKey & {
  id: string
  source: string
  time: Date
  name: string
  message: string | null
  template: string | null
  occurrences: number
  severity: number
  category: string
}

/** What the last events of these say, by `textOf`; only of those that the token may read. */
export async function detailsOf(
  db: Kysely<Tables>,
  keys: PatternKey[],
  { filter, token, range, now }: Asked,
): Promise<Map<string, Details>> {
  if (keys.length === 0) return new Map()
  const { rows } = await sql<Row>`
    select asked.*, latest.* from ${rowsOf(keys)}
    cross join lateral (
      select events.id, events.source, events.time, events.name, events.template, events.occurrences, events.severity,
        events.category, case when row_number() over newest <= ${shown.samples}
          then left(events.message, ${shown.message}) end as message
      from events
      where events.reason = asked.reason collate "C" and events.kind = asked.kind collate "C"
        and events.namespace = asked.namespace collate "C" and events.cluster = asked.cluster collate "C"
        and events.observation <> 'alerts' and ${whereOf(filter, token, { ...range, now })}
      window newest as (order by events.time desc, events.id, events.source)
      order by events.time desc, events.id, events.source limit ${lookedAt}
    ) as latest`.execute(db)
  const texts = await textsOf(db, rows)
  return new Map([...Map.groupBy(rows, textOf)].map(([text, latest]) => [text, summed(latest, texts)]))
}

async function textsOf(db: Kysely<Tables>, rows: Row[]): Promise<Map<string, string>> {
  const ids = [...new Set(rows.flatMap(({ template }) => template ?? []))]
  if (ids.length === 0) return new Map()
  const found = await db
    .selectFrom('templates')
    .select(['template', 'text'])
    .where('template', 'in', ids)
    .execute()
  return new Map(found.map(({ template, text }) => [template, text]))
}

function summed(latest: Row[], texts: Map<string, string>): Details {
  const counts = new Map<string, number>()
  for (const { template, occurrences } of latest) {
    const text = texts.get(template ?? '')
    if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + occurrences)
  }
  const worst = latest.reduce((a, b) => (b.severity > a.severity ? b : a))
  return {
    samples: latest.slice(0, shown.samples).map(({ id, source, time, name, message }) => ({
      ...{ id, source, time: time.toISOString(), name },
      message: (message ?? '').toWellFormed(),
    })),
    templates: drain([...counts].map(([text, count]) => ({ text, count }))).slice(0, shown.templates),
    severity: worst.severity,
    category: worst.category,
  }
}
