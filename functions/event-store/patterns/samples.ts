import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../../shared/database.ts'
import { keptSql } from '../../../shared/kept.ts'
import { rowsOf } from '../../../shared/patterns/history.ts'
import { type PatternKey, textOf } from '../../../shared/patterns/key.ts'
import { templateOf } from '../../../shared/template.ts'
import { leastSeverity } from './touched.ts'

/** One event of a pattern, to look at. */
export type Sample = { id: string; time: Date; name: string; message: string; category: string }

/** The last events of a pattern, and what most of their messages say. */
export type Samples = { samples: Sample[]; template: string; category: string }

const shown = 3
const lookedAt = 20

/** The last events of each of these, at that time, by `textOf`. */
export async function samplesOf(
  db: Kysely<Tables>,
  asked: { key: PatternKey; seen: { first: Date; last: Date } }[],
  now: number,
): Promise<Map<string, Samples>> {
  if (asked.length === 0) return new Map()
  const first = Math.min(...asked.map(({ seen }) => seen.first.getTime()))
  const last = Math.max(...asked.map(({ seen }) => seen.last.getTime()))
  const { rows } = await sql<PatternKey & Sample>`
    select asked.*, latest.* from ${rowsOf(asked.map(({ key }) => key))}
    cross join lateral (
      select events.id, events.time, events.name, events.message, events.category from events
      where events.reason = asked.reason collate "C" and events.time between ${new Date(first)} and ${new Date(last)}
        and events.kind = asked.kind collate "C" and events.namespace = asked.namespace collate "C"
        and events.cluster = asked.cluster collate "C" and events.severity >= ${leastSeverity}
        and events.observation <> 'alerts' and ${keptSql(now)}
      order by events.time desc, events.id limit ${lookedAt}
    ) as latest`.execute(db)
  const byKey = Map.groupBy(rows, textOf)
  return new Map([...byKey].map(([text, latest]) => [text, summed(latest)]))
}

function summed(latest: (PatternKey & Sample)[]): Samples {
  const samples = latest.map(({ id, time, name, message, category }) => ({
    id,
    time,
    name,
    message,
    category,
  }))
  return {
    samples: samples.slice(0, shown),
    template: mostFrequent(samples.map(({ message }) => templateOf(message)?.text ?? '')),
    category: mostFrequent(samples.map(({ category }) => category)),
  }
}

function mostFrequent(texts: string[]): string {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? ''
}
