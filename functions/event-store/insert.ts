import { countsBucket } from '../../shared/database.ts'
import { remembering } from '../../shared/remembering.ts'
import { scopeOf } from '../../shared/scope.ts'
import type { StoredEvent } from '../../shared/stored.ts'
import { tsvectorText, wordsOf } from '../../shared/words.ts'
import { integerArray, textArray } from './arrays.ts'

/** A column goes as an array of texts, which are read row by row, or of numbers. */
type Column =
  | { type: 'text' | 'timestamptz' | 'tsvector' | 'jsonb'; of(row: StoredEvent): string | null }
  | { type: 'smallint' | 'integer'; number(row: StoredEvent): number }

const wordsIn = remembering(message => tsvectorText(wordsOf(message)), { texts: 2_000, longest: 1_000 })

const texts = [
  ...(['id', 'source', 'subject', 'event_type', 'type', 'cluster', 'namespace', 'kind', 'name'] as const),
  ...([
    'reason',
    'node',
    'resource',
    'observation',
    'category',
    'correlation',
    'template',
    'message',
  ] as const),
]

/** The columns that differ from row to row, each with its type and how its value is made. */
const columns: Record<string, Column> = {
  ...Object.fromEntries(texts.map(name => [name, { type: 'text', of: (row: StoredEvent) => row[name] }])),
  time: { type: 'timestamptz', of: row => row.time.toISOString() },
  keep: { type: 'smallint', number: row => row.keep },
  severity: { type: 'smallint', number: row => row.severity },
  occurrences: { type: 'integer', number: row => row.occurrences },
  words: { type: 'tsvector', of: row => wordsIn(row.message) },
  data: { type: 'jsonb', of: row => (row.data === null ? null : JSON.stringify(row.data)) },
  attributes: { type: 'jsonb', of: row => JSON.stringify(row.attributes) },
}

const names = Object.keys(columns).join(', ')
const given: [string, Column][] = [
  ...Object.entries(columns),
  ['scope', { type: 'text', of: row => scopeOf(row.subject) }],
]
const asArray = (column: Column) => ('number' in column ? 'bigint' : 'text')

/**
 * Stores a batch in one statement: what of it is new, also under another retention, and from what is really new the
 * roll-ups. All of them in the order of their keys, so that batches beside each other do not wait in a circle. Returns
 * how many were new.
 */
export const storing = `
with given as materialized (
  select ${given.map(([name, { type }]) => `${name}::${type}`).join(', ')}
  from unnest(${given.map(([, column], at) => `$${at + 1}::${asArray(column)}[]`).join(', ')})
    as given (${given.map(([name]) => name).join(', ')})
), fresh as (
  insert into events (${names}, received)
  select ${names}, $${given.length + 1}::timestamptz from given
  where not exists (
    select from events
    where events.time = given.time and events.id = given.id and events.source = given.source
      and events.time between $${given.length + 2}::timestamptz and $${given.length + 3}::timestamptz
    offset 0 -- so that it is looked up row by row: joined, the whole table may be read for a batch
  )
  order by time, id, source
  on conflict do nothing
  returning time, id, source, keep
), counted as (
  insert into counts as known (
    bucket, scope, observation, cluster, namespace, kind, reason, type, category, severity, keep,
    events, occurrences, first_time, last_time
  )
  select date_bin('${countsBucket} milliseconds', time, 'epoch'::timestamptz),
    scope, observation, cluster, namespace, kind, reason, type, category, severity, keep,
    count(*), sum(occurrences), min(time), max(time)
  from given join fresh using (time, id, source, keep)
  where keep > 0
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  on conflict (bucket, scope, observation, cluster, namespace, kind, reason, type, category, severity, keep)
  do update set
    events = known.events + excluded.events,
    occurrences = known.occurrences + excluded.occurrences,
    first_time = least(known.first_time, excluded.first_time),
    last_time = greatest(known.last_time, excluded.last_time)
), seen as (
  insert into subjects as known (subject, first_time, last_time, events)
  select subject, min(time), max(time), count(*)
  from given join fresh using (time, id, source, keep)
  where subject <> ''
  group by 1
  order by 1
  on conflict (subject) do update set
    first_time = least(known.first_time, excluded.first_time),
    last_time = greatest(known.last_time, excluded.last_time),
    events = known.events + excluded.events
)
select count(*)::integer as stored from fresh`

/** The parameters of `storing`: each row once. */
export function valuesOf(rows: readonly StoredEvent[], received: Date): unknown[] {
  const times = rows.map(({ time }) => time.getTime())
  // Of all the parts those of other days are not even looked at.
  const [first, last] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))]
  const arrays = given.map(([, column]) =>
    'number' in column ? integerArray(rows.map(column.number)) : textArray(rows.map(column.of)),
  )
  return [...arrays, received, new Date(first), new Date(last)]
}
