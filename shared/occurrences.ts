import type { OpsEvent } from './event.ts'
import { isObject } from './json.ts'

/**
 * How often what an event tells of has happened since the one before it: thresholds, counts and patterns all add this
 * up. Kubernetes tells one object again and again with a higher count; the deletion of such an object is no occurrence.
 */
export function occurrencesOf({ type, data }: OpsEvent): number {
  const count = type === 'Kube' && isObject(data) ? data.occurrences : undefined
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : 1
}
