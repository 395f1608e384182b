import type { z } from 'zod'
import type { Refusal } from '../../../shared/refusal.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { Answered } from '../route.ts'
import { type GroupRow, groupsOf, type Sums } from './aggregate.ts'
import { type Range, rangeOf } from './filter.ts'
import type { Aggregate } from './shapes.ts'
import type { Stories } from './stories.ts'
import type { World } from './world.ts'

/** So many spans are counted off at most, over all groups. */
const mostSpans = 50_000
const mostGroups = { whole: 100, spans: 10 } as const

/** Answers how many events there are, by what they have in common. */
export async function count(
  { asked, token }: { asked: z.output<typeof Aggregate>; token: Token },
  world: World,
  stories: Stories,
): Promise<Answered | Refusal> {
  const {
    by = [],
    bucket,
    top = bucket === undefined ? mostGroups.whole : mostGroups.spans,
    ...filter
  } = asked
  const now = world.now()
  const range = rangeOf(filter, now)
  if ('status' in range) return range
  const spans =
    bucket === undefined ? 0 : Math.ceil((range.end - range.start) / bucket) * (by.length ? top : 1)
  if (spans > mostSpans)
    return {
      status: 400,
      message: `Cannot read the parameters: bucket: that makes ${spans} spans over all groups, ${mostSpans} are allowed: take longer ones, a shorter range, or fewer groups with top`,
    }
  const correlation = await stories(filter.correlation, { token, now })
  if (correlation && 'status' in correlation) return correlation
  const counting = { filter: { ...filter, correlation }, by, bucket }
  const found = await world.ask(db => groupsOf(db, counting, { token, range, now, top }))
  if ('status' in found) return found
  const { rows, from } = found
  return {
    data: {
      start_time: isoOf(range.start),
      end_time: isoOf(range.end),
      from,
      list: rows.map(row => groupOf(row, { by, range })),
      ...totalsOf(rows, range),
    },
  }
}

function groupOf({ key, slots, ...row }: GroupRow, { by, range }: { by: readonly string[]; range: Range }) {
  return {
    key: Object.fromEntries(by.map((name, at) => [name, key[at] ?? ''])),
    ...told(row, range),
    ...(slots && { buckets: slots.map(({ time, ...sums }) => ({ time: isoOf(time), ...sums })) }),
  }
}

function totalsOf(rows: GroupRow[], range: Range) {
  const [row] = rows
  if (!row) return { total: { groups: 0, events: 0, occurrences: 0, rate: 0 }, truncated: false }
  const groups = Number(row.groups)
  const all = {
    events: row.all_events,
    occurrences: row.all_occurrences,
    first: row.all_first,
    last: row.all_last,
  }
  const left = groups - rows.length
  const rest = (name: keyof Sums) => Number(all[name]) - rows.reduce((sum, one) => sum + Number(one[name]), 0)
  return {
    total: { groups, ...told(all, range) },
    truncated: left > 0,
    ...(left > 0 && { other: { groups: left, events: rest('events'), occurrences: rest('occurrences') } }),
  }
}

const told = (
  { events, occurrences, first, last }: Sums & { first: Date; last: Date },
  { start, end }: Range,
) => ({
  events: Number(events),
  occurrences: Number(occurrences),
  first: first.toISOString(),
  last: last.toISOString(),
  rate: Number(((Number(occurrences) * 60_000) / (end - start)).toPrecision(4)),
})

const isoOf = (time: number) => new Date(time).toISOString()
