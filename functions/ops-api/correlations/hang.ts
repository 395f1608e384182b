import type { Link } from '../../../shared/causes/links.ts'

/** Where links are: of these children to their parents, and of these parents to their children. */
export type Source = {
  above(children: readonly string[]): Promise<Link[]>
  below(parents: readonly string[]): Promise<Link[]>
}

/** What hangs together. `truncated`: it goes on beyond what may be followed. */
export type Hanging = { members: string[]; links: Link[]; truncated: boolean }

/**
 * So many correlations belong to a story at most, so many links lie between its first and its last, and so many are
 * looked at in one step.
 */
export const bounds = { members: 1_000, depth: 48, links: 4_000 } as const

/** What these follow from, as far up as it goes, themselves included. */
export const above = (ids: readonly string[], { above: ask }: Pick<Source, 'above'>): Promise<Hanging> =>
  follow(ids, ask, ({ parent }) => parent)

/** What follows from these, as far down as it goes, themselves included. */
export const below = (ids: readonly string[], { below: ask }: Pick<Source, 'below'>): Promise<Hanging> =>
  follow(ids, ask, ({ child }) => child)

async function follow(
  ids: readonly string[],
  ask: (from: readonly string[]) => Promise<Link[]>,
  next: (link: Link) => string,
): Promise<Hanging> {
  const members = new Set(ids)
  const links: Link[] = []
  let edge = [...members]
  for (let depth = 0; edge.length > 0; depth++) {
    const found = (await ask(edge)).toSorted(inOrder)
    const fresh = [...new Set(found.map(next))].filter(id => !members.has(id))
    const isTooFar = depth >= bounds.depth && fresh.length > 0
    const room = isTooFar ? 0 : Math.max(0, bounds.members - members.size)
    edge = fresh.slice(0, room)
    for (const id of edge) members.add(id)
    links.push(...found.filter(link => members.has(next(link))))
    const isCut = fresh.length > edge.length || found.length >= bounds.links
    if (isCut) return { members: [...members], links, truncated: true }
  }
  return { members: [...members], links, truncated: false }
}

// Where there are too many the earliest are followed.
function inOrder(one: Link, other: Link): number {
  const age = one.effect.time.getTime() - other.effect.time.getTime()
  return age || (orderOf(one) < orderOf(other) ? -1 : 1)
}

const orderOf = ({ child, parent, rule }: Link) => `${child} ${parent} ${rule}`

/**
 * Which of those above an id its story begins with, and which other beginnings it has: those that follow from nothing,
 * the earliest first. In a circle each may be it.
 */
export function beginningsIn({ links }: Pick<Hanging, 'links'>): (id: string) => string[] {
  const up = Map.groupBy(links, ({ child }) => child)
  const since = new Map<string, number>()
  for (const { parent, cause } of links)
    since.set(parent, Math.min(since.get(parent) ?? Number.POSITIVE_INFINITY, cause.time.getTime()))
  const ageOf = (id: string) => since.get(id) ?? 0
  return id => {
    const mine = new Set([id])
    for (const one of mine) for (const { parent } of up.get(one) ?? []) mine.add(parent)
    const free = [...mine].filter(one => !up.has(one))
    return (free.length > 0 ? free : [...mine]).sort(
      (one, other) => ageOf(one) - ageOf(other) || (one < other ? -1 : 1),
    )
  }
}

/** Links that are at hand already. */
export function among(links: readonly Link[]): Source {
  const up = Map.groupBy(links, ({ child }) => child)
  const down = Map.groupBy(links, ({ parent }) => parent)
  return {
    above: async children => children.flatMap(id => up.get(id) ?? []),
    below: async parents => parents.flatMap(id => down.get(id) ?? []),
  }
}
