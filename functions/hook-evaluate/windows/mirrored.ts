import { memoryWindows } from './memory.ts'
import { type Run, redisWindows } from './redis.ts'
import type { Deed, Windows } from './windows.ts'

/**
 * Windows in Redis, and a mirror of them in this process for the time that Redis is away: what went out lately does
 * not go out again then, for as far as this process has seen it.
 */
export function mirroredWindows(run: Run): Windows {
  const theirs = redisWindows(run)
  const mine = memoryWindows()
  return {
    async judge(requests, now) {
      const guessed = mine.judge(requests, now)
      const known = await theirs.judge(requests, now)
      if (!known) return guessed
      // What another process let go counts as gone here too.
      const elsewhere = requests.flatMap(({ event, dedup }, at): Deed[] => {
        const verdict = known[at]
        const isHeld = verdict?.kind === 'held' && verdict.window.kind === 'dedup'
        return isHeld && dedup && guessed[at]?.kind === 'goes'
          ? [{ kind: 'went', event, key: dedup.key }]
          : []
      })
      mine.settle(elsewhere)
      return known
    },
    async settle(deeds, now) {
      mine.settle(deeds)
      await theirs.settle(deeds, now)
    },
    async end(window, by) {
      const guessed = mine.end(window, by)
      const known = await theirs.end(window, by)
      return !known || known.kind === 'forgotten' ? guessed : known
    },
  }
}
