import { z } from 'zod'
import { apiVersion } from '../../hook.ts'
import { isObject } from '../../json.ts'
import { Metadata, type Stored } from '../../objects.ts'
import { type Kind, resources } from '../../resources.ts'

/** When the fields of a part of an object were written: what a cluster remembers, and others ask for. */
const Managed = z.looseObject({ subresource: z.string().optional(), time: z.string().optional() })

const KnownMetadata = Metadata.omit({ resourceVersion: true }).extend({
  managedFields: z.array(Managed).default([]),
})

/** An object as it lies in KV: as a cluster has it, but for its version, which is the revision of its key. */
export const Whole = z.object({
  apiVersion: z.string(),
  kind: z.custom<Kind>(kind => typeof kind === 'string' && Object.hasOwn(resources, kind)),
  metadata: KnownMetadata,
  spec: z.record(z.string(), z.unknown()),
  status: z.record(z.string(), z.unknown()).default({}),
})
export type Whole = z.infer<typeof Whole>

/** What lies under a key as whoever reads it from a cluster would see it. */
export const asRead = (value: unknown, revision: number): unknown =>
  isObject(value) && isObject(value.metadata)
    ? { ...value, metadata: { ...value.metadata, resourceVersion: String(revision) } }
    : value

/** The key of an object. */
export const keyOfObject = (kind: Kind, namespace: string, name: string) =>
  `${resources[kind].plural}.${namespace}.${name}`

/** A new object, of which nobody has written a status. `now` in Unix ms. */
export function newWhole(
  made: {
    kind: Kind
    metadata: Pick<Metadata, 'name' | 'namespace' | 'uid'> &
      Partial<Pick<Metadata, 'labels' | 'annotations' | 'ownerReferences'>>
    spec: Record<string, unknown>
  },
  now: number,
): Whole {
  const { kind, metadata, spec } = made
  return {
    apiVersion,
    kind,
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
      generation: 1,
      creationTimestamp: rfc3339(now),
      labels: metadata.labels ?? {},
      annotations: metadata.annotations ?? {},
      ownerReferences: metadata.ownerReferences ?? [],
      managedFields: [],
    },
    spec,
    status: {},
  }
}

/** The object of this version with another status. `now` in Unix ms. */
export function withStatus(
  { kind, metadata: { resourceVersion: _, ...metadata }, spec }: Stored<Kind>,
  status: Record<string, unknown>,
  now: number,
): Whole {
  const managedFields = [{ subresource: 'status', operation: 'Update', time: new Date(now).toISOString() }]
  return { apiVersion, kind, metadata: { ...metadata, managedFields }, spec, status }
}

/** Unix ms as Kubernetes writes it. */
const rfc3339 = (time: number) => `${new Date(time).toISOString().slice(0, 19)}Z`
