/** The runs that this process runs itself, for as long as it does. */
export type Here = {
  /** Does it; `stop` is how it is ended before its time. */
  during<T>(stop: (why: string) => Promise<void>, work: () => Promise<T>): Promise<T>
  /** Ends all of them, and resolves when it stands written what they came to. */
  stopAll(why: string): Promise<void>
}

export function runsHere(): Here {
  const all = new Map<symbol, { stop: (why: string) => Promise<void>; over: Promise<unknown> }>()
  return {
    async during(stop, work) {
      const key = Symbol('run')
      const over = work()
      all.set(key, { stop, over })
      try {
        return await over
      } finally {
        all.delete(key)
      }
    },
    async stopAll(why) {
      await Promise.allSettled([...all.values()].flatMap(({ stop, over }) => [stop(why), over]))
    },
  }
}
