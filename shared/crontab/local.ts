import type { WallTimes } from './wall.ts'
import type { ClockChange, Zone } from './zone.ts'

/** When something is due; all in Unix ms. */
export type DueTimes = {
  /** The first one behind `after`; undefined where there will be none. */
  next(after: number): number | undefined
  /** How many there are behind `from` and at or before `to`, and the latest of them. */
  within(from: number, to: number): { count: number; latest: number | undefined }
}

/** Between two changes of the clocks: `from` to before `to` they are `offset` ahead; `change` is the one before. */
type Stretch = { from: number; to: number; offset: number; change: ClockChange | undefined }

const hour = 3_600_000
// Clocks were changed by a whole day where a country moved across the date line.
const longest = 25 * hour

/**
 * Times of the clock on the wall as instants of a zone. Where clocks are put forward, those that they leave out are due
 * once, right behind the gap; where clocks are put back, those that come twice are due the first time only. What goes by
 * `everyHour` goes on through a change of whole hours, and what has `steps` of minutes through any: those are asked for
 * by how much time passes.
 */
export function localTimes(
  times: WallTimes,
  zone: Zone,
  { everyHour, steps }: { everyHour: boolean; steps: boolean },
): DueTimes {
  function stretches(after: number, until: number): Stretch[] {
    let change = zone.changes(after - longest, after).at(-1)
    let from = after + 1
    const all: Stretch[] = []
    for (const next of zone.changes(after, until)) {
      if (next.at > from) all.push({ from, to: next.at, offset: next.before, change })
      change = next
      from = next.at
    }
    if (from <= until) all.push({ from, to: until + 1, offset: zone.offset(from), change })
    return all
  }

  /** From and to on the wall, and whether what the gap before it left out is due as it begins. */
  function onTheWall({ from, to, offset, change }: Stretch) {
    const [low, high] = [from + offset, to + offset]
    if (!change) return { low, high, late: false }
    const [was, is] = [change.at + change.before, change.at + change.after]
    const goesOn = everyHour && (was - is) % hour === 0
    if (is < was) return { low: goesOn || steps ? low : Math.max(low, was), high, late: false }
    const late = from === change.at && !goesOn && !(everyHour && steps) && times.count(was, is) > 0
    return { low, high, late: late && times.next(is) !== is }
  }

  function first(stretch: Stretch): number | undefined {
    const { low, high, late } = onTheWall(stretch)
    if (late) return stretch.from
    const next = times.next(low)
    return next !== undefined && next < high ? next - stretch.offset : undefined
  }

  return {
    next(after) {
      // A change of the clocks can take one that they would have shown, and seldom the next one too.
      for (let [from, turns] = [after, 0]; turns < 10; turns++) {
        const shown = times.next(from + zone.offset(from) + 1)
        if (shown === undefined) return undefined
        const until = shown + 2 * longest
        for (const stretch of stretches(from, until)) {
          const found = first(stretch)
          if (found !== undefined) return found
        }
        from = until
      }
      return undefined
    },
    within(from, to) {
      let count = 0
      let latest: number | undefined
      for (const stretch of stretches(from, to)) {
        const { low, high, late } = onTheWall(stretch)
        const here = low < high ? times.count(low, high) : 0
        if (late) latest = stretch.from
        if (here > 0) latest = (times.last(high - 1) ?? 0) - stretch.offset
        count += here + (late ? 1 : 0)
      }
      return { count, latest }
    },
  }
}
