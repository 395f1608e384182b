import { z } from 'zod'

const texts = z.record(z.string(), z.string()).default({})

/** What every object has, of the API server or in KV; the rest is read by whoever wants it. */
const Known = z.object({
  metadata: z.object({
    name: z.string().min(1),
    namespace: z.string().min(1),
    uid: z.string().min(1),
    resourceVersion: z.string().min(1),
    generation: z.number().int().default(0),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    labels: texts,
    annotations: texts,
    managedFields: z
      .array(z.object({ subresource: z.string().optional(), time: z.string().optional() }))
      .default([]),
  }),
  spec: z.record(z.string(), z.unknown()).default({}),
  status: z.record(z.string(), z.unknown()).default({}),
})

/** An object as it was seen. `id` is `namespace/name`. */
export type ClusterObject = z.infer<typeof Known> & { id: string; value: unknown }

/** @throws z.ZodError when it is no object of an API server */
export function objectOf(value: unknown): ClusterObject {
  const known = Known.parse(value)
  return { ...known, id: `${known.metadata.namespace}/${known.metadata.name}`, value }
}

/** What became of the objects of a kind. */
export type Change =
  /** All there are; what is not among them is gone. */
  | { kind: 'all'; objects: ClusterObject[] }
  /** Made or changed. */
  | { kind: 'put'; object: ClusterObject }
  | { kind: 'gone'; object: ClusterObject }
  /** Nothing else happened until now. */
  | { kind: 'still' }
  /** The cluster does not know the kind: its CRD is not there (yet). */
  | { kind: 'unknown' }
