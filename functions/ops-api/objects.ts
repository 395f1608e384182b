import type { Ask } from '../../shared/adapters/kubernetes.ts'
import type { Nats } from '../../shared/adapters/nats.ts'
import type { Objects } from '../../shared/objects.ts'
import { openerOf } from '../../shared/opener.ts'

/** The objects of ours: in the cluster where there is one, else in KV. They are opened with the first question. */
export function lazyObjects(
  nats: Nats,
  cluster: ((ask: Ask) => Promise<unknown>) | undefined,
): () => Promise<Objects> {
  return openerOf<Objects>(async () => {
    if (cluster)
      return (await import('../../shared/adapters/objects/kubernetes.ts')).objectsInCluster(cluster)
    const { objectsInKv } = await import('../../shared/adapters/objects/kv.ts')
    return objectsInKv(nats, { now: Date.now })
  }).open
}
