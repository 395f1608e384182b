import { bounded } from '../../../shared/bounded.ts'

/** What was found out, for as long as it holds; `undefined` as a value: there is no such thing. */
export type Memory<T> = {
  /** Also what does not hold any more: it may be better than nothing. Undefined where nothing was found out. */
  get(key: string, now: number): { value: T | undefined; fresh: boolean } | undefined
  /** Holds until then. */
  put(key: string, value: T | undefined, until: number): void
  size(): number
}

/** Remembers at most `most` things, and forgets what was not asked after for the longest time. */
export function memoryOf<T>(most: number): Memory<T> {
  const entries = bounded<{ value: T | undefined; until: number }>(most)
  return {
    get(key, now) {
      const entry = entries.get(key)
      if (!entry) return undefined
      // What is asked after is as good as new.
      entries.set(key, entry)
      return { value: entry.value, fresh: now < entry.until }
    },
    put: (key, value, until) => entries.set(key, { value, until }),
    size: entries.size,
  }
}
