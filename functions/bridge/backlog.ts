/** How many events of each subject wait in stream `retries`: as the stream said last, and what went there since. */
export type Backlog = {
  /** Do as many wait as may? */
  full(key: string, now: number): boolean
  /** One more goes there. */
  went(key: string): void
  /** The receiver took one. */
  took(key: string, now: number): void
  /** The stream is being asked; what this returns takes the answer. */
  asked(): (told: Map<string, number>) => void
  /** Does anything wait at all? */
  some(): boolean
}

/** A burst that is worked off within this is no dead receiver's: more of it may wait. */
const soonDone = 600_000

/** `most`: how many may wait; without it there is no limit. */
export function backlogOf(most: number | undefined): Backlog {
  const pace = paceBy()
  let told = new Map<string, number>()
  let since = new Map<string, number>()
  let meanwhile = new Map<string, number>()
  return {
    full(key, now) {
      const waiting = (told.get(key) ?? 0) + (since.get(key) ?? 0)
      return most !== undefined && waiting >= Math.max(most, pace.of(key, now) * soonDone)
    },
    went(key) {
      if (most === undefined) return
      more(since, key)
      if (meanwhile !== since) more(meanwhile, key)
    },
    took(key, now) {
      if (most !== undefined) pace.took(key, now)
    },
    asked() {
      // What goes there while the stream answers may be in its answer already, and counts twice until the next one.
      const asking = new Map<string, number>()
      meanwhile = asking
      return answer => {
        told = answer
        since = asking
      }
    },
    some: () => told.size + since.size > 0,
  }
}

const more = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)

const window = 10_000

/** How many of each were taken in a millisecond, over the last ten to twenty seconds. */
function paceBy() {
  let [last, current] = [new Map<string, number>(), new Map<string, number>()]
  let begun: number | undefined
  let turned = 0

  function turn(now: number): void {
    begun ??= now
    if (now - turned < window) return
    // After a long silence both windows are over.
    last = now - turned < 2 * window ? current : new Map()
    current = new Map()
    turned = now
  }

  return {
    took(key: string, now: number): void {
      turn(now)
      more(current, key)
    },
    of(key: string, now: number): number {
      turn(now)
      const taken = (last.get(key) ?? 0) + (current.get(key) ?? 0)
      const over = Math.min(now - turned + window, now - (begun ?? now))
      return taken / Math.max(over, 1_000)
    },
  }
}
