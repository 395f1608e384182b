/** From and to, in Unix ms. */
type Stretch = { from: number; to: number }

/** Which times the wall clock has passed while schedules were looked at. */
export type Passed = {
  /**
   * The clock shows this now. `back`: it was put back; `anew`: to before it was looked at, so that it counts from there.
   * `given` says of a time until when everything due was given by then.
   */
  reach(now: number, given: (by: number) => number): 'on' | 'back' | 'anew'
  /** Was what is due at this time given before the clock was put back? */
  covers(time: number): boolean
}

/** More often no clock is put while a process runs. */
const most = 20
/** A step forward leaves out what was not seen to one by one. */
const leap = 10_000

/**
 * Follows a wall clock that may be put: forwards is an outage, and backwards is time that passes a second time, in which
 * nothing is due once more.
 */
export function passedFrom(start: number): Passed {
  let current: Stretch = { from: start, to: start }
  let earlier: Stretch[] = []
  let given: Stretch[] = []
  let last = start

  function begin(now: number): void {
    earlier = [...earlier, current].slice(-most)
    current = { from: now, to: now }
  }

  return {
    reach(now, givenUntil) {
      const back = now < last
      last = now
      if (now > current.to + leap) begin(now)
      else if (now >= current.from) current.to = Math.max(current.to, now)
      else {
        begin(now)
        const until = givenUntil(earlier.at(-1)?.to ?? now)
        given = earlier.map(({ from, to }) => ({ from, to: Math.min(to, until) }))
        return 'anew'
      }
      return back ? 'back' : 'on'
    },
    covers: time => given.some(({ from, to }) => time > from && time <= to),
  }
}
