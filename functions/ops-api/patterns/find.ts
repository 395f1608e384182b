import { type Kysely, type SqlBool, sql } from 'kysely'
import type { z } from 'zod'
import type { Tables } from '../../../shared/database.ts'
import { isOriginal, usualsOf } from '../../../shared/patterns/history.ts'
import { type Judged, judge, type Terms, type Verdict } from '../../../shared/patterns/judge.ts'
import { keyName, textOf } from '../../../shared/patterns/key.ts'
import type { Usual } from '../../../shared/patterns/usual.ts'
import { severityOfNumber } from '../../../shared/severity.ts'
import { isCounted } from '../events/rollup.ts'
import { countedSql } from '../events/sources.ts'
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
    ? await usualsOf(db, candidates, { ...asked.range, counted: originals(asked) })
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

const originals = ({ filter, token }: Asked) => sql<SqlBool>`(${isOriginal} and ${countedSql(filter, token)})`

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
    severity: severityOfNumber(about?.severity ?? 0),
    category: about?.category ?? '',
    templates: about?.templates ?? [],
    samples: about?.samples ?? [],
  }
}
