/**
 * Gathers keys and writes them down together: a few milliseconds after the first one, since a crash in between sends
 * all of them again, and at the end of the batch. A write for each key would cost as much as a third of its sending.
 */
export function gathering(write: (keys: string[]) => Promise<unknown>) {
  const writes: Promise<unknown>[] = []
  let keys: string[] = []
  let timer: NodeJS.Timeout | undefined

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (keys.length > 0) writes.push(write(keys))
    keys = []
  }

  return {
    add(key: string): void {
      keys.push(key)
      timer ??= setTimeout(flush, wait)
    },
    /** Resolves when all of them are written. */
    async end(): Promise<void> {
      flush()
      await Promise.all(writes)
    },
  }
}

const wait = 20
