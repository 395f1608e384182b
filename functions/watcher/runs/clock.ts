import { type Crontab, readCrontab } from '../../../shared/crontab.ts'
import type { Passed } from './passed.ts'
import { type Due, dueOf } from './schedule.ts'
import type { SeenRun } from './seen.ts'

/** Knows when what has a crontab is due; all times in Unix ms. */
export type Clock = {
  /**
   * A run with a crontab as it is now: what was due until `from` is none of its business. Says why its crontab cannot be
   * honoured, where it cannot.
   */
  put(seen: SeenRun, from: number): string | undefined
  drop(uid: string): void
  /** Gives what is due. */
  tick(now: number): void
  /** The time was put back: what waits to be tried again waits no longer. */
  back(): void
  /** The time was put back to before anything that is known: all goes on from there. */
  anew(now: number): void
  /** When it has something to do next. */
  next(): number
  /** Until when all that was due was given. */
  given(now: number): number
  size(): number
}

type Schedule = {
  seen: SeenRun
  crontab: Crontab
  /** Everything until then was given; the next one behind it. */
  from: number
  next: number
  underWay: boolean
  /** Not before. */
  again: number
  /** Counts how often the time was put. */
  turn: number
}

const never = Number.POSITIVE_INFINITY
const tryAgain = 1_000
/** Whoever comes so late asks whether somebody else has been there. */
const late = 10_000
/** Many have the same crontab. */
const mostRead = 2_000

/** `give` resolves when the bus holds what is due, and all there is to say of what was missed. */
export function clockOf(world: {
  timeZone: string
  passed: Pick<Passed, 'covers'>
  give(seen: SeenRun, due: Due): Promise<unknown>
  /** Until when everything due was given by whoever was there, for one that was away. */
  given(): Promise<number | undefined>
  wall(): number
}): Clock {
  const schedules = new Map<string, Schedule>()
  const read = new Map<string, ReturnType<typeof readCrontab>>()

  function crontabOf({ crontab = '', timeZone = world.timeZone }: SeenRun) {
    const key = `${timeZone} ${crontab}`
    const known = read.get(key) ?? readCrontab(crontab, timeZone)
    if (read.size >= mostRead) read.clear()
    read.set(key, known)
    return known
  }

  function fire(schedule: Schedule, now: number): void {
    const { turn } = schedule
    schedule.underWay = true
    giveUntil(schedule, now).then(
      () => {
        schedule.underWay = false
        // The time may have been put back meanwhile.
        if (schedule.turn === turn) reach(schedule, now)
      },
      () => {
        schedule.underWay = false
        schedule.again = world.wall() + tryAgain
      },
    )
  }

  async function giveUntil(schedule: Schedule, now: number): Promise<void> {
    const { seen, crontab, next } = schedule
    let { from } = schedule
    if (now - next > late) {
      const given = (await world.given()) ?? from
      if (given <= now) from = Math.max(from, given)
    }
    const { orders, missed } = dueOf({ crontab, from, startingDeadline: seen.startingDeadline }, now)
    await world.give(seen, { orders: orders.filter(time => !world.passed.covers(time)), missed })
  }

  function reach(schedule: Schedule, time: number): void {
    schedule.from = time
    schedule.next = schedule.crontab.next(time) ?? never
  }

  return {
    put(seen, from) {
      const crontab = crontabOf(seen)
      schedules.delete(seen.uid)
      if ('problem' in crontab) return crontab.problem
      if (seen.suspend) return undefined
      const next = crontab.next(from) ?? never
      schedules.set(seen.uid, { seen, crontab, from, next, underWay: false, again: 0, turn: 0 })
      return undefined
    },
    drop: uid => void schedules.delete(uid),
    tick(now) {
      for (const schedule of schedules.values())
        if (schedule.next <= now && schedule.again <= now && !schedule.underWay) fire(schedule, now)
    },
    back() {
      for (const schedule of schedules.values()) schedule.again = 0
    },
    anew(now) {
      for (const schedule of schedules.values()) {
        reach(schedule, now)
        schedule.turn++
      }
    },
    next() {
      let soonest = never
      for (const { next, again, underWay } of schedules.values())
        if (!underWay) soonest = Math.min(soonest, Math.max(next, again))
      return soonest
    },
    given(now) {
      let until = now
      for (const { from, next, underWay } of schedules.values())
        if (underWay || next <= now) until = Math.min(until, from)
      return until
    },
    size: () => schedules.size,
  }
}
