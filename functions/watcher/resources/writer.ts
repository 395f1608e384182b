import { type Ask, KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import { type ClusterObject, objectOf } from '../../../shared/changes.ts'
import type { Kind } from '../../../shared/resources.ts'
import { pathOf } from './object.ts'
import type { Patch, StatusWorld } from './status.ts'

/** Writes the status of resources of a kind through the API server, and of nothing else. */
export function writerTo(
  json: (ask: Ask) => Promise<unknown>,
  kind: Kind = 'EventHooks',
): StatusWorld['write'] {
  return async ({ metadata }: ClusterObject, status: Patch) => {
    const { uid, namespace, name } = metadata
    try {
      const answer = await json({
        method: 'PATCH',
        path: `${pathOf(kind, namespace)}/${name}/status`,
        contentType: 'application/merge-patch+json',
        // One that was deleted and made anew in this moment is another one.
        body: { metadata: { uid }, status },
      })
      return objectOf(answer)
    } catch (error) {
      if (error instanceof KubernetesError && [404, 409].includes(error.status)) return undefined
      throw error
    }
  }
}
