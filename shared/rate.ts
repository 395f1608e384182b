/** How much a caller may send: `rate` events a second, and `burst` of them at once after a pause. */
export type Limit = { rate: number; burst: number }

/** One token bucket for each name; times are milliseconds of one clock. */
export type Limiter = {
  /** Milliseconds until this name may send again: 0 when it may now. */
  wait(name: string, now: number): number
  /** Takes the events of a request, in advance where a batch is larger than what is left. */
  charge(name: string, events: number, now: number): void
}

/** Beyond so many names those are forgotten that have nothing to remember: runs come and go. */
const many = 1_000

/** Buckets are full in the beginning. */
export function limiter({ rate, burst }: Limit): Limiter {
  const buckets = new Map<string, { level: number; at: number }>()

  function levelOf(name: string, now: number): number {
    const bucket = buckets.get(name)
    return bucket ? Math.min(burst, bucket.level + ((now - bucket.at) * rate) / 1000) : burst
  }

  return {
    wait: (name, now) => Math.max(0, ((1 - levelOf(name, now)) * 1000) / rate),
    charge(name, events, now) {
      buckets.set(name, { level: levelOf(name, now) - events, at: now })
      if (buckets.size > many)
        for (const old of buckets.keys()) if (levelOf(old, now) === burst) buckets.delete(old)
    },
  }
}
