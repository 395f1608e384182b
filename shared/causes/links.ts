import { commonRules } from './common.ts'
import { reaches } from './reach.ts'
import { byTime, firstSigns, isBefore, type Sign } from './signs.ts'

/** What follows from what: `child` and `parent` are correlations, cause and effect the first events that show it. */
export type Link = { child: string; parent: string; rule: string; cause: Shown; effect: Shown }
/** An event as evidence. */
export type Shown = { id: string; time: Date }

/**
 * The links that these signs show, of each child, parent and rule the one of the earliest cause and then of the earliest
 * effect. What functions/event-store/links does in the database, which knows all signs: a function of the set of events.
 */
export function linksOf(all: readonly Sign[]): Link[] {
  const signs = firstSigns(all)
  const links = new Map<string, Link>()
  for (const group of groupsOf(signs)) {
    for (const link of [...pairsOf(group), ...commonsOf(group)]) {
      const key = JSON.stringify([link.child, link.parent, link.rule])
      const known = links.get(key)
      if (!known || isSmaller(link, known)) links.set(key, link)
    }
  }
  return [...links].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, link]) => link)
}

function groupsOf(signs: Sign[]): Sign[][] {
  return [...Map.groupBy(signs, ({ rule, key }) => JSON.stringify([rule, key])).values()].map(group =>
    group.sort((one, other) => one.step - other.step),
  )
}

function pairsOf(group: Sign[]): Link[] {
  const reach = reaches.find(({ rule }) => rule === group[0]?.rule)
  if (!reach) return []
  const effects = group.filter(({ side }) => side === 'effect')
  return group
    .filter(({ side }) => side === 'cause')
    .flatMap(cause =>
      effects
        .filter(({ step }) => step >= cause.step - reach.slack && step <= cause.step + reach.within)
        .filter(effect => effect.correlation !== cause.correlation)
        .map(effect => ({
          child: effect.correlation,
          parent: cause.correlation,
          rule: reach.rule,
          cause,
          effect,
        })),
    )
    .map(bare)
}

function commonsOf(group: Sign[]): Link[] {
  const common = commonRules.find(({ name }) => name === group[0]?.rule)
  if (!common) return []
  const centers = new Set(group.flatMap(({ step }) => [step - 1, step, step + 1]))
  return [...centers].flatMap(center => {
    const members = group.filter(({ step }) => Math.abs(step - center) <= 1)
    const isCommon = new Set(members.map(({ root }) => root)).size >= common.roots
    return isCommon ? linked(members, common.name) : []
  })
}

function linked(members: Sign[], rule: string): Link[] {
  const ordered = [...members].sort(byTime)
  const shared = ordered.flatMap(effect => {
    const [cause = effect] = ordered
    return { child: effect.correlation, parent: effect.parent, rule, cause, effect }
  })
  // What is shared has an hour too, and may go on into the next.
  const hours = [...Map.groupBy(ordered, ({ parent }) => parent).values()].flatMap(([first]) => first ?? [])
  const continued = hours.slice(1).flatMap((effect, at) => {
    const cause = hours[at]
    return cause ? { child: effect.parent, parent: cause.parent, rule: 'continues', cause, effect } : []
  })
  return [...shared, ...continued].filter(({ child, parent }) => child !== parent).map(bare)
}

const bare = ({ cause, effect, ...link }: Link): Link => ({
  ...link,
  cause: { id: cause.id, time: cause.time },
  effect: { id: effect.id, time: effect.time },
})

function isSmaller(one: Link, other: Link): boolean {
  if (one.cause.id !== other.cause.id || one.cause.time.getTime() !== other.cause.time.getTime())
    return isBefore(one.cause, other.cause)
  return isBefore(one.effect, other.effect)
}
