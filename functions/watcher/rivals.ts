import type { Log } from '../../shared/log.ts'

/**
 * Puts sets in force, and says once of each other set that took the place of one that was in force: each of two watchers
 * that read different things undoes what the other does, and nobody else sees it. `put` resolves with the revision of
 * the set before, where that was another one.
 */
export function sayingRivals<T extends { revision: string }>(
  put: (set: T) => Promise<string | undefined>,
  log: Log,
): (set: T) => Promise<void> {
  let ours: string | undefined
  let told: string | undefined

  return async set => {
    const { revision } = set
    const rival = await put(set)
    if (rival !== undefined && rival !== told && revision === ours) {
      told = rival
      log.warn(
        { revision, rival },
        'Another watcher had put other hooks in force: all that share a NATS have to read the same folder, or the same cluster by the same WATCH_NAMESPACE',
      )
    }
    ours = revision
  }
}
