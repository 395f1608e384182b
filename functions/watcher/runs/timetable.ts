import { clockOf } from './clock.ts'
import type { Entry } from './entries.ts'
import { passedFrom } from './passed.ts'
import type { Due } from './schedule.ts'
import { isRun, type Seen, type SeenRun } from './seen.ts'
import { type Edits, sinceOf } from './since.ts'

/** What is remembered of the time before: until when everything due was given, and when specs were changed. */
export type Before = { given: number | undefined; edits: Edits }

/** `news`: there is something new since it was last asked for; `anew`: the clock was put back to before that. */
export type Reached = { given: number; edits: Edits; news: boolean; anew: boolean }

/** What is due when, by what is remembered of the time before. */
export type Timetable = {
  begin(before: Before): void
  /** An object as it is from now on; `edited`: its spec is another one than it was. */
  put(entry: Entry, edited: boolean): void
  drop(seen: Seen): void
  /** Gives what is due. Returns when there is more to give, and whether the time was put back since last time. */
  tick(now: number): { next: number; back: boolean }
  /** What is to be remembered; of what is not there any more nothing is. */
  reached(isThere: (uid: string) => boolean): Reached
  size(): number
}

/** Clocks of replicas differ by less. */
const skew = 60_000

export function timetableOf(world: {
  /** Of crontabs that name none. */
  timeZone: string
  give(seen: SeenRun, due: Due): Promise<unknown>
  /** Until when everything due was given, by whichever watcher. */
  given(): Promise<number | undefined>
  wall(): number
}): Timetable {
  const { timeZone, wall, given } = world
  const edits: Edits = new Map()
  const passed = passedFrom(wall())
  const clock = clockOf({
    ...{ timeZone, passed, wall, given },
    async give(seen, due) {
      await world.give(seen, due)
      news = true
    },
  })
  let before: Before | undefined
  let [news, anew] = [false, false]

  return {
    begin(known) {
      before = known
      // Somebody's clock was far ahead when that was written.
      anew = known.given !== undefined && known.given > wall() + skew
      for (const [uid, edit] of known.edits) edits.set(uid, edit)
    },
    put(entry, edited) {
      if (!before) return
      const { seen, first } = entry
      const now = wall()
      const given = first ? Math.min(before.given ?? now, now) : now
      if (!edited) entry.probedUntil = given
      if (!isRun(seen)) return
      entry.problem = undefined
      if (seen.crontab === undefined) return clock.drop(seen.uid)
      const since = edited ? now : sinceOf(seen, edits, now)
      if (seen.generation > 1) edits.set(seen.uid, { generation: seen.generation, since })
      news = true
      const acted = seen.lastSchedule !== undefined && seen.lastSchedule <= now ? seen.lastSchedule : 0
      entry.problem = clock.put(seen, Math.max(since, acted, first && !edited ? given : 0))
    },
    drop({ uid }) {
      clock.drop(uid)
      edits.delete(uid)
    },
    tick(now) {
      const step = passed.reach(now, clock.given)
      if (step !== 'on') clock.back()
      if (step === 'anew') clock.anew(now)
      anew ||= step === 'anew'
      clock.tick(now)
      return { next: clock.next(), back: step !== 'on' }
    },
    reached(isThere) {
      for (const uid of edits.keys()) if (!isThere(uid)) edits.delete(uid)
      const reached = { given: clock.given(wall()), edits, news, anew }
      news = false
      anew = false
      return reached
    },
    size: clock.size,
  }
}
