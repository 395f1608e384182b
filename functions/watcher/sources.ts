import { type Log, messageOf } from '../../shared/log.ts'
import type { Found, Resource } from './documents.ts'

/** Where resources come from: nothing is decided before all of it is there, or what is in force would go for a moment. */
export type From = { folder: boolean; cluster: boolean }

export type Sources = {
  folder(found: Found[]): void
  cluster(resources: Resource[]): void
  /** Once more with what was found last. */
  again(): void
}

/**
 * Hands on what was found, the cluster's first, each time that the folder or the cluster has changed, with what is in
 * force then. `take` says what is in force from then on; undefined leaves it as it is.
 */
export function sourcesOf<T>(world: {
  from: From
  /** What is in force when this process starts. */
  before(): Promise<T[]>
  what: 'hooks' | 'silences'
  take(found: Found[], inForce: T[]): T[] | undefined
  log: Log
}): Sources {
  let inFolder: Found[] | undefined = world.from.folder ? undefined : []
  let inCluster: Resource[] | undefined = world.from.cluster ? undefined : []
  let inForce: T[] | undefined

  void world
    .before()
    .catch(error => {
      world.log.warn({ err: messageOf(error) }, `Cannot read the ${world.what} that are in force`)
      return []
    })
    .then(before => {
      inForce = before
      again()
    })

  function again(): void {
    if (inFolder && inCluster && inForce)
      inForce = world.take([...inCluster, ...inFolder], inForce) ?? inForce
  }

  return {
    folder(found) {
      inFolder = found
      again()
    },
    cluster(resources) {
      inCluster = resources
      again()
    },
    again,
  }
}
