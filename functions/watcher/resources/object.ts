import { z } from 'zod'
import { apiVersion } from '../../../shared/hook.ts'
import { type Kind, resources } from '../../../shared/resources.ts'

/** What every object of the API server has; the rest is read by whoever wants it. */
const Known = z.object({
  metadata: z.object({
    name: z.string().min(1),
    namespace: z.string().min(1),
    uid: z.string().min(1),
    resourceVersion: z.string().min(1),
    generation: z.number().int().default(0),
    managedFields: z
      .array(z.object({ subresource: z.string().optional(), time: z.string().optional() }))
      .default([]),
  }),
  spec: z.record(z.string(), z.unknown()).default({}),
  status: z.record(z.string(), z.unknown()).default({}),
})

/** An object of the cluster. `id` is `namespace/name`. */
export type ClusterObject = z.infer<typeof Known> & { id: string; value: unknown }

/** @throws z.ZodError when it is no object of an API server */
export function objectOf(value: unknown): ClusterObject {
  const known = Known.parse(value)
  return { ...known, id: `${known.metadata.namespace}/${known.metadata.name}`, value }
}

/** When the status of an object was last written, in Unix ms, as far as the API server remembers. */
export function statusWrittenAt({ metadata }: ClusterObject): number | undefined {
  const times = metadata.managedFields
    .filter(({ subresource, time }) => subresource === 'status' && time !== undefined)
    .map(({ time }) => Date.parse(time ?? ''))
  return times.length > 0 ? Math.max(...times) : undefined
}

/** The path of all objects of a kind, or of those of one namespace. */
export function pathOf(kind: Kind, namespace?: string): string {
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`
  return `/apis/${apiVersion}${within}/${resources[kind].plural}`
}
