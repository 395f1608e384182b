import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../../../shared/database.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { Range } from './filter.ts'
import type { Counting } from './rollup.ts'
import { sourceOf } from './sources.ts'

/** Whose question it is, of what range, and how many groups are wanted. */
export type Asked = { token: Token; range: Range; now: number; top: number; rollup?: boolean }

/** Sums of one group, or of one span of it. Numbers beyond 2^31 come as texts. */
export type Sums = { events: string | number; occurrences: string | number }
type Group = Sums & { key: string[]; first: Date; last: Date }
type Totals = { groups: string; all_events: string; all_occurrences: string; all_first: Date; all_last: Date }
export type GroupRow = Group &
  Totals & { slots: { time: number; events: number; occurrences: number }[] | null }

/** The groups with the most occurrences, each with the sums of all; and what was read for them. */
export async function groupsOf(
  db: Kysely<Tables>,
  counting: Counting,
  { token, range, now, top, rollup = true }: Asked,
): Promise<{ rows: GroupRow[]; from: 'counts' | 'events' }> {
  const { source, from } = sourceOf({ counting, token, now }, range, rollup)
  const { rows } = await grouped(source, counting, top).execute(db)
  return { rows, from }
}

/** Of a source with `k0` …, `slot`, `events`, `occurrences`, `first` and `last`; a group has its slots as JSON. */
function grouped(source: RawBuilder<unknown>, { by, bucket }: Counting, top: number) {
  const keys = by.map((_, at) => sql.ref(`k${at}`))
  const key = sql`array[${sql.join(keys)}]::text[]`
  // Without a name there is one group, where there is any event.
  const group = keys.length > 0 ? sql`group by ${sql.join(keys)}` : sql`having count(*) > 0`
  const each = sql`${sql.join(
    keys.map(one => sql`${one}, `),
    sql``,
  )}`
  const series = bucket === undefined ? sql`` : sql`, (${slotsOf(keys)}) as slots`
  return sql<GroupRow>`
    with series as (
      select ${each}slot, sum(events) as events, sum(occurrences) as occurrences, min(first) as first, max(last) as last
      from (${source}) as source group by ${each}slot
    ), groups as (
      select ${each}sum(events) as events, sum(occurrences) as occurrences, min(first) as first, max(last) as last
      from series ${group}
    ), best as (
      select *, count(*) over () as groups, sum(events) over () as all_events, sum(occurrences) over () as all_occurrences,
        min(first) over () as all_first, max(last) over () as all_last
      from groups order by occurrences desc, ${key} limit ${top}
    )
    select ${key} as key, events, occurrences, first, last, groups, all_events, all_occurrences, all_first, all_last
      ${series}
    from best order by occurrences desc, ${key}`
}

function slotsOf(keys: RawBuilder<unknown>[]) {
  const same = keys.map(key => sql`series.${key} = best.${key}`)
  return sql`
    select jsonb_agg(jsonb_build_object('time', date_part('epoch', slot) * 1000,
      'events', series.events, 'occurrences', series.occurrences) order by slot)
    from series where ${same.length > 0 ? sql.join(same, sql` and `) : sql`true`}`
}
