/**
 * Keeps what was taken in order until it is done, so that the place behind which everything is done is known: done
 * out of order, it moves in order.
 */
export type Tracker<Place> = {
  /** Follows a piece of work, which must not reject; `place` is where one may go on once it and all before it are done. */
  follow(work: Promise<void> | undefined, place?: Place): void
  /** Resolves when there is room for more. */
  room(): Promise<void>
  /** Resolves when all that was followed until now is done. */
  done(): Promise<void>
}

/** At most `most` pieces of work at once; `moved` is told each place, in order. */
export function trackerOf<Place>(most: number, moved: (place: Place) => void): Tracker<Place> {
  const entries: { place: Place | undefined; done: boolean }[] = []
  let waiting: { until: number; wake(): void }[] = []

  function settle(): void {
    const open = entries.findIndex(({ done }) => !done)
    for (const { place } of entries.splice(0, open < 0 ? entries.length : open)) {
      if (place !== undefined) moved(place)
    }
    const woken = waiting.filter(({ until }) => entries.length <= until)
    waiting = waiting.filter(({ until }) => entries.length > until)
    for (const { wake } of woken) wake()
  }

  const atMost = (until: number): Promise<void> =>
    entries.length <= until ? Promise.resolve() : new Promise(wake => waiting.push({ until, wake }))

  return {
    follow(work, place) {
      const entry = { place, done: work === undefined }
      entries.push(entry)
      const finish = () => {
        entry.done = true
        if (entries[0] === entry) settle()
      }
      if (work) void work.then(finish)
      else finish()
    },
    room: () => atMost(most - 1),
    done: () => atMost(0),
  }
}
