import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../../shared/database.ts'
import { type Severity, severities, severityOfNumber } from '../../../shared/severity.ts'
import { type Asker, eventsOf } from './seen.ts'

/** How much there is of one correlation. */
export type Part = {
  id: string
  events: number
  occurrences: number
  from: string
  to: string
  severity: Severity
}

type Counted = Part & { category: string }

/** How much there is of correlations, each and together, whatever part of it is shown. */
export async function countOf(db: Kysely<Tables>, members: readonly string[], asker: Asker) {
  const rows = await eventsOf(db, members, asker)
    .select(({ fn }) => [
      'events.correlation',
      'events.severity',
      'events.category',
      sql<number>`count(*)::integer`.as('events'),
      sql<number>`sum(events.occurrences)::float8`.as('occurrences'),
      fn.min('events.time').as('from'),
      fn.max('events.time').as('to'),
    ])
    .groupBy(['events.correlation', 'events.severity', 'events.category'])
    .execute()
  const counted = rows.map(({ correlation, severity, category, events, occurrences, from, to }) => ({
    ...{ id: correlation ?? '', severity: severityOfNumber(severity), category, events, occurrences },
    ...{ from: from.toISOString(), to: to.toISOString() },
  }))
  const parts = [...Map.groupBy(counted, ({ id }) => id)].map(([id, some]) => ({ id, ...sumOf(some) }))
  return {
    ...sumOf(counted),
    severities: tally(counted, ({ severity }) => severity),
    categories: tally(counted, ({ category }) => category),
    parts: parts.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1)),
  }
}

const orderOf = ({ from, id }: Part) => `${from} ${id}`

function sumOf(some: readonly Counted[]) {
  return {
    events: some.reduce((sum, { events }) => sum + events, 0),
    occurrences: some.reduce((sum, { occurrences }) => sum + occurrences, 0),
    from: some.map(({ from }) => from).sort()[0] ?? '',
    to:
      some
        .map(({ to }) => to)
        .sort()
        .at(-1) ?? '',
    severity: severities.findLast(word => some.some(({ severity }) => severity === word)) ?? 'info',
  }
}

function tally<Word extends string>(counted: readonly Counted[], wordOf: (one: Counted) => Word) {
  const sums: Partial<Record<Word, number>> = {}
  for (const one of counted) sums[wordOf(one)] = (sums[wordOf(one)] ?? 0) + one.events
  return sums
}
