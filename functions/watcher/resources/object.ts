import type { ClusterObject } from '../../../shared/changes.ts'
import { apiVersion } from '../../../shared/hook.ts'
import { type Kind, resources } from '../../../shared/resources.ts'

/**
 * When the status of an object was last written, in Unix ms: as the API server remembers it, or in KV, where nobody
 * does, as the status says.
 */
export function statusWrittenAt({ metadata, status }: ClusterObject): number | undefined {
  const written = metadata.managedFields
    .filter(({ subresource, time }) => subresource === 'status' && time !== undefined)
    .map(({ time }) => Date.parse(time ?? ''))
  if (written.length > 0) return Math.max(...written)
  const told = ['completionTime', 'startTime', 'heartTime'].flatMap(name => {
    const time = typeof status[name] === 'string' ? Date.parse(status[name]) : Number.NaN
    return Number.isNaN(time) ? [] : [time]
  })
  return told.length > 0 ? Math.max(...told) : undefined
}

/** The path of all objects of a kind, or of those of one namespace. */
export function pathOf(kind: Kind, namespace?: string): string {
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`
  return `/apis/${apiVersion}${within}/${resources[kind].plural}`
}
