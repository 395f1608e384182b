import type { Change, ClusterObject } from '../../../shared/changes.ts'
import type { Resource } from '../documents.ts'

/** What stands for a file where a hook comes from the cluster. */
export const clusterSource = 'cluster'

/** A hook of the cluster as the step takes it that compiles those of files; its fields have names and no lines. */
export const resourceOf = ({ value }: ClusterObject): Resource => ({
  file: clusterSource,
  value,
  placeOf: () => ({}),
})

/** Many are often applied at once: they are compiled together. */
const gather = 100

/**
 * Keeps the hooks of a cluster, and calls back with all of them, in order of their ids, when there is another one or
 * one with another spec: what only has another status is no change. Once known, hooks stay as they are while the
 * cluster does not know the kind.
 */
export function hookKeeper(
  changed: (objects: ClusterObject[]) => void,
  wait = gather,
): { take(change: Change): void; stop(): void } {
  let hooks = new Map<string, ClusterObject>()
  let told: string | undefined
  let timer: NodeJS.Timeout | undefined

  function tell(): void {
    timer = undefined
    const objects = [...hooks.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    const specs = JSON.stringify(objects.map(({ metadata }) => [metadata.uid, metadata.generation]))
    if (specs === told) return
    told = specs
    changed(objects)
  }

  return {
    take(change) {
      switch (change.kind) {
        case 'all':
          hooks = new Map(change.objects.map(object => [object.id, object]))
          break
        case 'put':
          hooks.set(change.object.id, change.object)
          break
        case 'gone':
          hooks.delete(change.object.id)
          break
        case 'still':
          return
        case 'unknown':
          if (told !== undefined) return
      }
      timer ??= setTimeout(tell, told === undefined ? 0 : wait)
    },
    stop: () => clearTimeout(timer),
  }
}
