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
  // A map keeps the order of insertion: the one at the front was not asked after for longest.
  const entries = new Map<string, { value: T | undefined; until: number }>()

  function place(key: string, entry: { value: T | undefined; until: number }): void {
    entries.delete(key)
    entries.set(key, entry)
  }

  return {
    get(key, now) {
      const entry = entries.get(key)
      if (!entry) return undefined
      place(key, entry)
      return { value: entry.value, fresh: now < entry.until }
    },
    put(key, value, until) {
      place(key, { value, until })
      const [oldest] = entries.keys()
      if (entries.size > most && oldest !== undefined) entries.delete(oldest)
    },
    size: () => entries.size,
  }
}
