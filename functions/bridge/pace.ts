/** How hard a sink is tried: more at once while it takes, fewer and after a pause while it does not. */
export type Pace = {
  /** How many requests may be out, when so many are. */
  allowed(now: number, flying: number): number
  /** A request goes out. */
  flew(now: number): void
  took(): void
  refused(): void
  /** Nothing goes out for so long; `time` is told how often that happened in a row. Returns until when. */
  pause(now: number, time: (failures: number) => number): number
  pausedUntil(): number
  /** How often in a row it paused. */
  failures(): number
}

/** After this a function may have gone to sleep: the first request is a probe again. */
const idleAfter = 60_000

/**
 * Additive increase, multiplicative decrease, up to `concurrency` requests at once; always as many where requests are
 * held, since how long they take tells nothing of the sink.
 */
export function paceOf(concurrency: number, held = false): Pace {
  // With two, a single event on which the sink hangs does not stop all others.
  const least = held ? concurrency : Math.min(2, concurrency)
  let allowed = held ? concurrency : 1
  let failures = 0
  let pausedUntil = 0
  let lastFlight = Number.NEGATIVE_INFINITY
  return {
    allowed(now, flying) {
      if (flying === 0 && now - lastFlight > idleAfter && !held) allowed = 1
      return allowed
    },
    flew(now) {
      lastFlight = now
    },
    took() {
      failures = 0
      allowed = Math.min(allowed + 1, concurrency)
    },
    refused() {
      allowed = Math.max(Math.floor(allowed / 2), least)
    },
    pause(now, time) {
      const until = now + time(failures)
      // Requests that were out together fail together: that is one failure.
      if (pausedUntil <= now) failures++
      pausedUntil = Math.max(pausedUntil, until)
      return pausedUntil
    },
    pausedUntil: () => pausedUntil,
    failures: () => failures,
  }
}
