import { correlationIdOf, correlationWindow } from '../correlation.ts'
import { idOf } from '../id.ts'
import { severityNumber } from '../severity.ts'
import { commonRules } from './common.ts'
import { continuing, stepOf } from './reach.ts'
import { fits, type Seen, type Shared } from './rule.ts'
import { linkRules } from './rules.ts'
import { keysOf, ownRoot, rootKey } from './ties.ts'

/**
 * What an event is a sign of: that something of this key may be a cause, or an effect, or shares what others have trouble
 * with. Of one rule, key, side, correlation and step of time only the first event is kept, so that a storm is no more
 * than a breeze.
 */
export type Sign = {
  rule: string
  key: string
  side: 'cause' | 'effect' | 'shares'
  /** The time in steps of its rule. */
  step: number
  correlation: string
  /** The root whatever the hour: those that share something are counted by it. */
  root: string
  /** The correlation of what is shared; empty for causes and effects. */
  parent: string
  time: Date
  id: string
}

// What is longer is nobody's name, and has no room in an index.
const longest = 200

/** All signs of one event; none for one that belongs to nothing. */
export function signsOf(event: Seen): Sign[] {
  if (event.correlation === null || event.correlation.length > longest) return []
  return [...pairSigns(event), ...hourSigns(event), ...commonSigns(event)]
}

const sides = linkRules.flatMap(rule =>
  (['cause', 'effect'] as const).map(side => ({ rule: rule.name, by: rule.by, side, match: rule[side] })),
)

function pairSigns(event: Seen): Sign[] {
  return sides
    .filter(({ match }) => fits(match, event))
    .flatMap(({ rule, by, side }) => keysOf(by, side, event).map(key => signOf(event, { rule, key, side })))
}

function hourSigns(event: Seen): Sign[] {
  const into = event.time.getTime() % correlationWindow
  const near = Math.min(into, correlationWindow - into)
  const isTrouble = event.severity >= severityNumber.warning
  const rules = (['trouble-continues', 'continues'] as const).filter(
    rule => near <= continuing[rule] && (isTrouble || rule === 'continues'),
  )
  if (rules.length === 0 || !ownRoot(event)) return []
  const key = rootKey(event) ?? ''
  const side = into === near ? 'effect' : 'cause'
  return rules.map(rule => signOf(event, { rule, key, side }))
}

function commonSigns(event: Seen): Sign[] {
  return sharedBy(event).map(({ rule, shared, also }) => {
    const { kind, namespace = '', name } = shared
    return {
      ...signOf(event, {
        rule,
        key: [event.cluster, kind, namespace, name, also ?? ''].join('/'),
        side: 'shares',
      }),
      step: Math.floor(event.time.getTime() / stepOf.common),
      root: rootKey(event) ?? '',
      parent: correlationIdOf({ cluster: event.cluster, ...shared }, event.time.getTime()),
    }
  })
}

/** What an event has trouble with that others may have trouble with too. */
export function sharedBy(event: Seen): { rule: string; shared: Shared; also?: string }[] {
  return commonRules.flatMap(({ name, sign, of }) => {
    const found = fits(sign, event) ? of(event) : undefined
    return found ? [{ rule: name, ...found }] : []
  })
}

function signOf(event: Seen, about: Pick<Sign, 'rule' | 'key' | 'side'>): Sign {
  const { key } = about
  return {
    ...about,
    key: key.length > longest ? idOf('key', key) : key,
    step: Math.floor(event.time.getTime() / stepOf.pair),
    correlation: event.correlation ?? '',
    ...{ root: '', parent: '', time: event.time, id: event.id },
  }
}

/** The first event of each step, in the order of their keys: so writers never wait for each other in a circle. */
export function firstSigns(signs: readonly Sign[]): Sign[] {
  const first = new Map<string, Sign>()
  for (const sign of signs) {
    const known = first.get(placeOf(sign))
    if (!known || isBefore(sign, known)) first.set(placeOf(sign), sign)
  }
  return [...first].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, sign]) => sign)
}

const placeOf = ({ rule, key, side, step, correlation }: Sign) =>
  JSON.stringify([rule, key, side, step, correlation])

/** By time, and at the same time by id. */
export const byTime = (one: { time: Date; id: string }, other: { time: Date; id: string }): number =>
  isBefore(one, other) ? -1 : 1

/** Earlier, or at the same time and of the smaller id. */
export const isBefore = (one: { time: Date; id: string }, other: { time: Date; id: string }): boolean =>
  one.time.getTime() === other.time.getTime() ? one.id < other.id : one.time < other.time
