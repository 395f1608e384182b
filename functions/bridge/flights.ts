/** The requests of a trigger that are out. */
export type Flights = {
  add(flight: Promise<void>, group: string, now: number): void
  /** May one more go, where so many may be out? Those of a group that have been out for long do not count. */
  may(allowed: number, now: number): boolean
  size(): number
  /** Groups whose request has been out for long. */
  stuck(now: number): string[]
  /** Resolves when all have landed. */
  landed(): Promise<unknown>
}

/** What has been out for longer holds up its group, not the others. */
const longOut = 1_000

/** `most`: how many may be out with those that have been out for long; `grouped`: has each a group of its own? */
export function flightsOf({ most, grouped }: { most: number; grouped: boolean }): Flights {
  const out = new Map<Promise<void>, { group: string; since: number }>()

  const stuck = (now: number) =>
    grouped ? [...out.values()].filter(({ since }) => now - since > longOut).map(({ group }) => group) : []

  return {
    add(flight, group, now) {
      out.set(flight, { group, since: now })
      void flight.finally(() => out.delete(flight))
    },
    may: (allowed, now) => out.size < allowed || (out.size < most && out.size - stuck(now).length < allowed),
    size: () => out.size,
    stuck,
    landed: () => Promise.allSettled(out.keys()),
  }
}
