/** Days since 1970 by some clock, such as a crontab's. */
export type Days = {
  /** The first one at or behind `day`. */
  next(day: number): number | undefined
  /** The last one at or before `day`. */
  last(day: number): number | undefined
  /** Is it every day? */
  all: boolean
}

/** Times of a clock on a wall: ms since it showed 1970-01-01 00:00. It knows nothing of zones. */
export type WallTimes = {
  /** The first one at or behind `wall`. */
  next(wall: number): number | undefined
  /** The last one at or before `wall`. */
  last(wall: number): number | undefined
  /** How many there are from `from` to before `to`; takes as long as there are days between. */
  count(from: number, to: number): number
}

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

/** Those at each of `minutes` of each of `hours`, both in order, on `days`. */
export function wallTimes(minutes: number[], hours: number[], days: Days): WallTimes {
  const inDay = hours.length * minutes.length

  const time = (index: number) =>
    (hours[Math.floor(index / minutes.length)] ?? 0) * hour + (minutes[index % minutes.length] ?? 0) * minute

  /** How many times of a day are before this one. */
  function before(time: number): number {
    const at = Math.floor(time / hour)
    const whole = below(hours, at) * minutes.length
    return hours.includes(at) ? whole + below(minutes, Math.ceil((time % hour) / minute)) : whole
  }

  const split = (wall: number) => {
    const number = Math.floor(wall / day)
    return { number, time: wall - number * day }
  }

  return {
    next(wall) {
      const { number, time: from } = split(wall)
      const index = before(from)
      const found = days.next(index < inDay ? number : number + 1)
      return found === undefined ? undefined : found * day + time(found === number ? index : 0)
    },
    last(wall) {
      const { number, time: until } = split(wall)
      const index = before(until + 1) - 1
      const found = days.last(index < 0 ? number - 1 : number)
      return found === undefined ? undefined : found * day + time(found === number ? index : inDay - 1)
    },
    count(from, to) {
      const [first, last] = [split(from), split(to)]
      if (days.all) return (last.number - first.number) * inDay + before(last.time) - before(first.time)
      let sum = 0
      for (let at = days.next(first.number); at !== undefined && at <= last.number; at = days.next(at + 1)) {
        sum += at === last.number ? before(last.time) : inDay
        if (at === first.number) sum -= before(first.time)
      }
      return sum
    },
  }
}

const below = (numbers: number[], most: number) => numbers.filter(number => number < most).length
