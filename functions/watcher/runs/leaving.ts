import type { Wanted } from './wanted.ts'

/** Orders about what is no more, each given until the bus holds it. */
export type Leaving = {
  add(wanted: Wanted): void
  tick(now: number): void
}

const tryAgain = 1_000

export function leavingBy(give: (wanted: Wanted) => Promise<unknown>): Leaving {
  const waiting = new Map<Wanted, number>()

  return {
    add: wanted => void waiting.set(wanted, 0),
    tick(now) {
      for (const [wanted, again] of waiting) {
        // The time may have been put back by more.
        if (now < again && again - now <= tryAgain) continue
        waiting.set(wanted, Number.POSITIVE_INFINITY)
        give(wanted).then(
          () => waiting.delete(wanted),
          () => waiting.set(wanted, now + tryAgain),
        )
      }
    },
  }
}
