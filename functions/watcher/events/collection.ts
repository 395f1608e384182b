import { type Ask, KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import type { Watched } from './filter.ts'
import type { EventsApi } from './occurrence.ts'
import type { Collection } from './pages.ts'

/** The newer API of events where the cluster has it. @throws whatever asking for it does */
export async function eventsApi(json: (ask: Ask) => Promise<unknown>): Promise<EventsApi> {
  try {
    await json({ path: '/apis/events.k8s.io/v1' })
    return 'events.k8s.io/v1'
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return 'v1'
    throw error
  }
}

/** What to ask the API server for: what it can leave out itself is not sent. */
export function collectionOf(api: EventsApi, { namespaces, types, ...watched }: Watched): Collection {
  const group = api === 'v1' ? '/api/v1' : `/apis/${api}`
  const [namespace, ...others] = namespaces.include
  const only = namespace !== undefined && others.length === 0
  const [type, ...more] = types
  const byType = type !== undefined && more.length === 0 ? [`type=${type}`] : []
  const fields = [...byType, ...(watched.fieldSelector ? [watched.fieldSelector] : [])]
  return {
    path: `${group}${only ? `/namespaces/${encodeURIComponent(namespace)}` : ''}/events`,
    fieldSelector: fields.length > 0 ? fields.join(',') : undefined,
    labelSelector: watched.labelSelector,
  }
}
