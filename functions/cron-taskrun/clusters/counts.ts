import { z } from 'zod'
import type { Ask } from '../../../shared/adapters/kubernetes.ts'

type Json = (ask: Ask) => Promise<unknown>

const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
const page = 1000
const mostPages = 50

const List = z.object({
  metadata: z
    .object({ continue: z.string().optional(), remainingItemCount: z.number().optional() })
    .default({}),
  // Where there are none the API server may say null.
  items: z
    .array(z.unknown())
    .nullish()
    .transform(items => items ?? []),
})

/** How many there are: of the first page one is enough, since the API server says how many it left out. */
export async function countAll(json: Json, path: string): Promise<number> {
  const { items, metadata } = List.parse(await json({ path, query: { limit: 1 }, accept }))
  return items.length + (metadata.remainingItemCount ?? 0)
}

/**
 * How many there are of which a field is so: then the API server does not say how many it left out, and their names are
 * read page by page. Undefined where there are more than 50 000.
 */
export async function countWhere(
  json: Json,
  { path, fieldSelector }: { path: string; fieldSelector: string },
): Promise<number | undefined> {
  let count = 0
  let next: string | undefined
  for (let read = 0; read < mostPages; read++) {
    const query = { limit: page, continue: next, fieldSelector }
    const { items, metadata } = List.parse(await json({ path, query, accept }))
    count += items.length
    next = metadata.continue || undefined
    if (next === undefined) return count
  }
  return undefined
}
