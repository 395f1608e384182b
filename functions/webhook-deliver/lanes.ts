/**
 * Works on items of one lane in their order, on those of different lanes at once, at most so many. The results stand
 * in the order of the items. `work` does not reject.
 */
export async function inLanes<T, R>(
  items: T[],
  { laneOf, most }: { laneOf(item: T): string; most: number },
  work: (item: T, at: number) => Promise<R>,
): Promise<R[]> {
  const lanes = Map.groupBy(items.entries(), ([, item]) => laneOf(item))
  const waiting = lanes.values()
  const results: R[] = []
  async function run(): Promise<void> {
    // All runs take from the same iterator: each lane is one run's.
    for (const lane of waiting) {
      for (const [at, item] of lane) results[at] = await work(item, at)
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, lanes.size) }, run))
  return results
}
