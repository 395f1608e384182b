import { type Kysely, sql } from 'kysely'
import { countsBucket, type Tables } from '../../../shared/database.ts'
import { isAsked, isOriginal, rowsOf, usualsOf } from '../../../shared/patterns/history.ts'
import {
  type Judged,
  judge,
  type Sighting,
  type Terms,
  type Verdict,
} from '../../../shared/patterns/judge.ts'
import { type PatternKey, textOf } from '../../../shared/patterns/key.ts'
import { leastSeverity, type Touched } from './touched.ts'

/** A pattern that is worth telling; `severity` is the worst of its events. */
export type Found = Touched & { seen: Sighting; severity: number; judged: Judged & { verdict: Verdict } }

const counted = sql<boolean>`(${isOriginal} and counts.severity >= ${leastSeverity})`

/** Which of these keys are patterns in the window that ends with the five minutes of their time. */
export async function found(
  db: Kysely<Tables>,
  touched: Touched[],
  terms: Terms & { window: number },
): Promise<Found[]> {
  const byEnd = Map.groupBy(touched, ({ time }) => time - (time % countsBucket) + countsBucket)
  const all: Found[] = []
  for (const [end, some] of byEnd) {
    const start = end - Math.ceil(terms.window / countsBucket) * countsBucket
    const seen = await sightings(
      db,
      some.map(({ key }) => key),
      { start, end, minCount: terms.minCount },
    )
    const enough = some.flatMap(one => {
      const sighting = seen.get(textOf(one.key))
      return sighting ? [{ ...one, ...sighting }] : []
    })
    const usuals = await usualsOf(
      db,
      enough.map(({ key }) => key),
      { start, end, counted },
    )
    for (const one of enough) {
      const { verdict, ...judged } = judge(one.seen, usuals.get(textOf(one.key)), terms)
      if (verdict) all.push({ ...one, judged: { ...judged, verdict } })
    }
  }
  return all
}

/** Those with enough occurrences, by `textOf`. */
async function sightings(
  db: Kysely<Tables>,
  keys: PatternKey[],
  { start, end, minCount }: { start: number; end: number; minCount: number },
): Promise<Map<string, Pick<Found, 'seen' | 'severity'>>> {
  const { rows } = await sql<PatternKey & Sighting & { severity: number }>`
    select cluster, reason, kind, namespace, sum(here)::float8 as count, max(here)::float8 as peak,
      min(first) as first, max(last) as last, max(severity) as severity
    from (
      select asked.*, sum(counts.occurrences) as here, min(counts.first_time) as first,
        max(counts.last_time) as last, max(counts.severity) as severity
      from counts join ${rowsOf(keys)} on ${isAsked}
      where counts.bucket >= ${new Date(start)} and counts.bucket < ${new Date(end)} and ${counted}
      group by asked.cluster, asked.reason, asked.kind, asked.namespace, counts.bucket
    ) as buckets
    group by cluster, reason, kind, namespace
    having sum(here) >= ${minCount}`.execute(db)
  return new Map(
    rows.map(({ severity, ...row }) => {
      const { count, peak, first, last } = row
      return [textOf(row), { seen: { count, peak, first, last }, severity }]
    }),
  )
}
