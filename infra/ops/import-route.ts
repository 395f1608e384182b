import { z } from 'zod'
import type { Filter } from '../../shared/filter.ts'
import { asked, judged, Rule, refused } from './import-rule.ts'

type Route = { drop: Rule[]; match: Rule[]; routes: Route[] }

/** A list that YAML may leave empty. */
const listOf = <T extends z.ZodType>(one: T) =>
  z
    .array(one)
    .nullish()
    .transform(list => list ?? [])

/** A route of event-exporter, with the routes below it. */
export const Route: z.ZodType<Route> = z.lazy(() =>
  z.object({ drop: listOf(Rule), match: listOf(Rule), routes: listOf(Route) }),
)

/** A way by which events come to a receiver: the rules that all have to match, and those that must not. */
export type Way = { receiver: string; where: string; match: Rule[]; drop: Rule[] }

/**
 * Every way to a receiver. A route drops first; then each of its matches with a receiver sends by itself; and the routes
 * below it are asked when all of its matches did.
 */
export function waysOf(
  route: Route,
  above: Way = { receiver: '', where: 'route', match: [], drop: [] },
): Way[] {
  const drop = [...above.drop, ...route.drop]
  const own = route.match.flatMap((rule, index) => {
    const where = `${above.where}.match[${index}]`
    return rule.receiver === ''
      ? []
      : [{ receiver: rule.receiver, where, match: [...above.match, rule], drop }]
  })
  const match = [...above.match, ...route.match]
  return [
    ...own,
    ...route.routes.flatMap((one, index) =>
      waysOf(one, { receiver: '', where: `${above.where}.routes[${index}]`, match, drop }),
    ),
  ]
}

/** What of a hook says which events: its filters and keywords, or why it would get none; and what is said about it. */
type Selection = { notes: string[] } & (
  | { none: true }
  | {
      filters: Filter[]
      keywords?: { include: string[]; exclude: string[]; matchMode: 'ALL'; matchType: 'REGEX' }
    }
)

/** What cannot be asked is left out, so that there are rather more notifications than too few. */
export function selectionOf({ match, drop }: Pick<Way, 'match' | 'drop'>): Selection {
  const notes: string[] = []
  const filters: Filter[] = [{ exact: { type: 'Kube' } }]
  const include: string[] = []
  const exclude: string[] = []
  for (const rule of match) {
    const one = judged(rule)
    if (one.never) return { none: true, notes: [one.never] }
    const { filters: more, include: words } = asked(one)
    filters.push(...more)
    include.push(...words)
    notes.push(...one.lost.map(why => `not asked: ${why}`), ...notesOf(one.conditions))
  }
  for (const rule of drop) {
    const one = judged(rule)
    if (one.never) {
      notes.push(`drop left out, ${one.never}`)
      continue
    }
    if (one.conditions.length + one.lost.length === 0)
      return { none: true, notes: ['a drop without a condition drops everything'] }
    const got = refused(one)
    if ('problem' in got) notes.push(`drop left out, events come that it dropped: ${got.problem}`)
    else if ('filter' in got) filters.push(got.filter)
    else exclude.push(got.exclude)
    if (!('problem' in got)) notes.push(...notesOf(one.conditions))
  }
  if (include.length + exclude.length === 0) return { notes, filters }
  return { notes, filters, keywords: { include, exclude, matchMode: 'ALL', matchType: 'REGEX' } }
}

const notesOf = (conditions: { note?: string }[]) => conditions.flatMap(({ note }) => note ?? [])
