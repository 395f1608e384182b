/** What hook-evaluate kept back, as it notes that in Redis; which may have forgotten it. */
export type Notes = {
  get(key: string): Promise<string | undefined | null>
  /** The first of a list, so many at most. */
  first(key: string, most: number): Promise<string[]>
}

const shownAtMost = 100

/** How much a silence kept back, and what last, newest first. */
export const silencedIn = (notes: Notes) => ({
  count: async (id: string) => Number((await notes.get(`${keyOf(id)}:count`)) ?? 0),
  latest: (id: string) => notes.first(keyOf(id), shownAtMost),
})

const keyOf = (id: string) => `ops-events:silenced:${id}`
