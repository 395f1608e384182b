/**
 * The same items, which `see` sees as soon as they come, also while whoever takes them is busy: at most `most` wait for
 * that.
 */
export async function* seenAhead<T>(
  items: AsyncIterable<T>,
  see: (item: T) => void,
  most = 200,
): AsyncGenerator<T, void> {
  const waiting: T[] = []
  let moved = Promise.withResolvers<void>()
  let ended = false

  function move(): void {
    moved.resolve()
    moved = Promise.withResolvers<void>()
  }

  async function read(): Promise<void> {
    for await (const item of items) {
      see(item)
      waiting.push(item)
      move()
      while (waiting.length >= most && !ended) await moved.promise
      if (ended) return
    }
  }

  const reading = read().finally(() => {
    ended = true
    move()
  })
  // Whoever takes them is told below.
  reading.catch(() => {})
  try {
    for (;;) {
      const item = waiting.shift()
      if (item !== undefined) {
        move()
        yield item
      } else if (ended) break
      else await moved.promise
    }
    await reading
  } finally {
    ended = true
    move()
  }
}
