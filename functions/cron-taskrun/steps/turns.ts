/**
 * Lets `most` in at once, in the order in which they came; each gets a function to leave by. Who waits and is told by
 * its signal that it is over is let in too: to say so takes no time.
 */
export function turns(most: number): (signal?: AbortSignal) => Promise<() => void> {
  let free = most
  const waiting = new Set<() => void>()

  const leave = () => {
    const [next] = waiting
    if (next) next()
    else free++
  }

  return signal =>
    new Promise(resolve => {
      if (free > 0) {
        free--
        resolve(leave)
        return
      }
      const enter = (way: () => void) => {
        waiting.delete(inTurn)
        signal?.removeEventListener('abort', out)
        resolve(way)
      }
      const inTurn = () => enter(leave)
      const out = () => enter(() => {})
      waiting.add(inTurn)
      if (signal?.aborted) out()
      else signal?.addEventListener('abort', out)
    })
}
