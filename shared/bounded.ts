/** A small map. */
export type Bounded<T> = {
  get(key: string): T | undefined
  set(key: string, value: T): void
  delete(key: string): void
  size(): number
}

/** A map that forgets what was not put into it for the longest time. */
export function bounded<T>(size: number): Bounded<T> {
  const map = new Map<string, T>()
  return {
    get: key => map.get(key),
    delete: key => map.delete(key),
    size: () => map.size,
    set(key, value) {
      map.delete(key)
      map.set(key, value)
      const [first] = map.keys()
      if (map.size > size && first !== undefined) map.delete(first)
    },
  }
}
