import { type Kysely, sql } from 'kysely'
import { countsBucket, type Tables } from '../../../shared/database.ts'
import type { Sighting } from '../../../shared/patterns/judge.ts'
import type { PatternKey } from '../../../shared/patterns/key.ts'
import type { Token } from '../../../shared/tokens.ts'
import type { EventFilter, Range } from '../events/filter.ts'
import type { Counting } from '../events/rollup.ts'
import { sourceOf } from '../events/sources.ts'

/** Whose question it is, of what and when. */
export type Asked = { filter: EventFilter; token: Token; range: Range; now: number }

/** A key with enough occurrences, as far as the token may read them. */
export type Candidate = PatternKey & Sighting

/** So many keys are judged, those with the most occurrences. */
const mostCandidates = 500

/**
 * What events are alike by, columns k0 to k3 of a source; and k4, by which they are told apart from alerts, which tell of
 * events that are counted already.
 */
const by = ['cluster', 'reason', 'kind', 'namespace', 'observation'] as const

/** What is counted of the events that a filter chooses. */
export const countingOf = (filter: EventFilter): Counting => ({ filter, by, bucket: countsBucket })

/** The keys of the range that have at least so many occurrences; and how many there are in all. */
export async function candidatesOf(
  db: Kysely<Tables>,
  { filter, token, range, now }: Asked,
  minCount: number,
): Promise<{ candidates: Candidate[]; all: number }> {
  const { source } = sourceOf({ counting: countingOf(filter), token, now }, range)
  const { rows } = await sql<Candidate & { all: number }>`
    with series as (
      select k0 as cluster, k1 as reason, k2 as kind, k3 as namespace,
        sum(occurrences) as here, min(first) as first, max(last) as last
      from (${source}) as source
      where k1 <> '' and k4 <> 'alerts'
      group by 1, 2, 3, 4, slot
    )
    select cluster, reason, kind, namespace, sum(here)::float8 as count, max(here)::float8 as peak,
      min(first) as first, max(last) as last, (count(*) over ())::int as "all"
    from series group by cluster, reason, kind, namespace
    having sum(here) >= ${minCount}
    order by sum(here) desc, cluster, reason, kind, namespace limit ${mostCandidates}`.execute(db)
  return { candidates: rows, all: rows[0]?.all ?? 0 }
}
