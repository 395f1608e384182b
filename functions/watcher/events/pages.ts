import type { Ask } from '../../../shared/adapters/kubernetes.ts'
import { isObject } from '../../../shared/json.ts'

/** Which events: the path of the collection, and what the server itself selects by. */
export type Collection = {
  path: string
  fieldSelector?: string | undefined
  labelSelector?: string | undefined
}

/** Part of a list, all of whose parts show the cluster at one `resourceVersion`. */
export type Page = { items: unknown[]; resourceVersion: string; next: string | undefined }

/** A request about a collection. */
export const asking = (
  { path, fieldSelector, labelSelector }: Collection,
  query: NonNullable<Ask['query']>,
): Ask => ({ path, query: { ...query, fieldSelector, labelSelector } })

/** Reads the answer to a list. @throws Error when it is none */
export function pageOf(list: unknown): Page {
  if (!isObject(list) || !Array.isArray(list.items) || !isObject(list.metadata))
    throw new Error('The answer to a list is no list')
  const { resourceVersion, continue: next } = list.metadata
  if (typeof resourceVersion !== 'string') throw new Error('A list has no resourceVersion')
  return { items: list.items, resourceVersion, next: typeof next === 'string' && next ? next : undefined }
}

/** The version of an object. @throws Error when it has none */
export function versionOf(object: unknown): string {
  const version = isObject(object) && isObject(object.metadata) ? object.metadata.resourceVersion : undefined
  if (typeof version !== 'string') throw new Error('An object of the API server has no resourceVersion')
  return version
}
