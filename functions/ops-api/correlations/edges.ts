import { type CauseRule, fits } from '../../../shared/causes/rule.ts'
import { causeRules } from '../../../shared/causes/rules.ts'
import { byTime } from '../../../shared/causes/signs.ts'
import { keysOf } from '../../../shared/causes/ties.ts'
import type { Row } from '../events/item.ts'

/** One event follows from another, by which rule. */
export type Edge = { rule: string; because: string; cause: string; effect: string }

/** By each rule the cause that each of these events follows from: the last one before it, if there is any. */
export const edgesOf = (rows: readonly Row[]): Edge[] => causeRules.flatMap(rule => byRule(rule, rows))

function byRule(rule: CauseRule, rows: readonly Row[]): Edge[] {
  const { name, because } = rule
  const causes = new Map<string, Row[]>()
  for (const row of rows.filter(one => fits(rule.cause, one)).toSorted(byTime))
    for (const key of keysOf(rule.by, 'cause', row)) {
      const known = causes.get(key)
      if (known) known.push(row)
      else causes.set(key, [row])
    }
  if (causes.size === 0) return []
  return rows
    .filter(row => fits(rule.effect, row))
    .flatMap(effect => {
      const keys = keysOf(rule.by, 'effect', effect)
      const found = keys.flatMap(key => lastBefore(effect, causes.get(key) ?? [], rule) ?? [])
      const cause = found.sort(byTime).at(-1)
      return cause ? [{ rule: name, because, cause: cause.id, effect: effect.id }] : []
    })
}

/** The last of these causes that is not later than the effect; or, since clocks differ, the first within the slack. */
function lastBefore(effect: Row, causes: Row[], { within, slack }: CauseRule): Row | undefined {
  const time = effect.time.getTime()
  const near = causes.filter(
    cause =>
      cause !== effect &&
      cause.time.getTime() >= time - within * 1_000 &&
      cause.time.getTime() <= time + slack * 1_000,
  )
  return near.findLast(cause => cause.time.getTime() <= time) ?? near[0]
}
