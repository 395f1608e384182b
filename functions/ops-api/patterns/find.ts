import { type Expression, type Kysely, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import type { Tables } from '../../../shared/database.ts'
import { isOriginal, usualsOf } from '../../../shared/patterns/history.ts'
import { type Judged, judge, type Terms, type Verdict } from '../../../shared/patterns/judge.ts'
import { keyName, textOf } from '../../../shared/patterns/key.ts'
import type { Usual } from '../../../shared/patterns/usual.ts'
import { isCounted } from '../events/rollup.ts'
import { numbersOf, severityOf } from '../events/severity-words.ts'
import { anySubjectSql, subjectSql } from '../events/subject-sql.ts'
import { type Asked, type Candidate, candidatesOf, countingOf } from './candidates.ts'
import { type Details, detailsOf } from './details.ts'
import type { Query } from './shapes.ts'

type Wanted = Pick<z.output<typeof Query>, 'min_count' | 'min_rate' | 'min_ratio' | 'order' | 'limit'>
type Found = { seen: Candidate; usual: Usual | undefined; judged: Judged & { verdict: Verdict } }

/** The patterns of a range, as far as the token may read their events. */
export async function patternsOf(db: Kysely<Tables>, asked: Asked, wanted: Wanted) {
  const terms: Terms = { minCount: wanted.min_count, minRate: wanted.min_rate, minRatio: wanted.min_ratio }
  const { candidates, all } = await candidatesOf(db, asked, terms.minCount)
  const usuals = isComparable(asked)
    ? await usualsOf(db, candidates, { ...asked.range, counted: countedSql(asked) })
    : new Map<string, Usual>()
  const found = candidates.flatMap((seen): Found[] => {
    const usual = usuals.get(textOf(seen))
    const { verdict, ...judged } = judge(seen, usual, terms)
    return verdict ? [{ seen, usual, judged: { ...judged, verdict } }] : []
  })
  const listed = found.toSorted(wanted.order === 'newest' ? newest : strongest).slice(0, wanted.limit)
  const details = await detailsOf(
    db,
    listed.map(({ seen }) => seen),
    asked,
  )
  return {
    list: listed.map(one => shown(one, details.get(textOf(one.seen)))),
    total: found.length,
    truncated: found.length > listed.length || all > candidates.length,
  }
}

/** What was before can be told from the roll-up alone: events of a week are too many to be counted one by one. */
const isComparable = ({ filter, token }: Asked) => isCounted(countingOf(filter), token)

/** Which rows of the roll-up the token may read and the filter chooses; keys are given. */
function countedSql({ filter, token }: Asked): Expression<SqlBool> {
  const scope = sql.ref<string>('counts.scope')
  const conditions: Expression<SqlBool>[] = [isOriginal, anySubjectSql(scope, token.read)]
  if (filter.subject !== undefined) conditions.push(subjectSql(scope, filter.subject))
  if (filter.severity)
    conditions.push(sql`counts.severity in (${sql.join(filter.severity.flatMap(numbersOf))})`)
  if (filter.category) conditions.push(sql`counts.category in (${sql.join(filter.category)})`)
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}

const newest = (a: Found, b: Found) => b.seen.last.getTime() - a.seen.last.getTime() || strongest(a, b)

const strongest = (a: Found, b: Found) =>
  b.judged.frequency - a.judged.frequency ||
  b.seen.count - a.seen.count ||
  (textOf(a.seen) < textOf(b.seen) ? -1 : 1)

function shown({ seen, usual, judged }: Found, about: Details | undefined) {
  const { cluster, reason, kind, namespace, count, first, last } = seen
  const { verdict, frequency, history, ratio } = judged
  return {
    key: keyName(seen),
    ...{ cluster, reason, kind, namespace, verdict, count, frequency },
    first_seen: first.toISOString(),
    last_seen: last.toISOString(),
    ...(usual && ratio !== undefined && { usual: usual.median, ratio }),
    history,
    severity: severityOf(about?.severity ?? 0),
    category: about?.category ?? '',
    templates: about?.templates ?? [],
    samples: about?.samples ?? [],
  }
}
