import { z } from 'zod'
import type { Kind, resources } from './resources.ts'

const Owner = z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), uid: z.string() })

/** What every object has; times are RFC 3339. */
export const Metadata = z.object({
  name: z.string().min(1),
  namespace: z.string().min(1),
  uid: z.string().min(1),
  /** Of the version that was read: who writes with it is refused when there is a later one. */
  resourceVersion: z.string().min(1),
  /** Counts the changes of the spec, from 1. */
  generation: z.number().int().default(0),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  ownerReferences: z.array(Owner).default([]),
})
export type Metadata = z.infer<typeof Metadata>

type Spec<K extends Kind> = z.output<(typeof resources)[K]['spec']>
type Status<K extends Kind> = z.output<(typeof resources)[K]['status']>

/** An object as it lies in the cluster, or where there is none in KV; `status` is empty until somebody writes it. */
export type Stored<K extends Kind> = { kind: K; metadata: Metadata; spec: Spec<K>; status: Status<K> }

/** An object to be made. */
export type Draft<K extends Kind> = {
  kind: K
  metadata: Pick<Metadata, 'name' | 'namespace'> &
    Partial<Pick<Metadata, 'labels' | 'annotations' | 'ownerReferences'>>
  spec: z.input<(typeof resources)[K]['spec']>
}

/** An object is there and is not as its schema has it; the message says which one and what is wrong. */
export class UnreadableObject extends Error {}

/** What holds the objects refuses to make this one, now and at any other time; the message says why. */
export class RefusedObject extends Error {}

/**
 * The objects of ours, in the cluster or in KV: one contract, two adapters. Every call rejects while what holds them is
 * away.
 */
export type Objects = {
  /** @throws UnreadableObject */
  get<K extends Kind>(kind: K, namespace: string, name: string): Promise<Stored<K> | undefined>
  /** In order of namespace and name; those that cannot be read are left out. `labels` are all to be there, as given. */
  list<K extends Kind>(
    kind: K,
    which?: { namespace?: string; labels?: Record<string, string> },
  ): Promise<Stored<K>[]>
  /** Makes it where there is none of that name; undefined where there is one. @throws RefusedObject */
  create<K extends Kind>(draft: Draft<K>): Promise<Stored<K> | undefined>
  /** Writes the whole status of this version; undefined when there is a later one, or none any more. */
  putStatus<K extends Kind>(object: Stored<K>, status: Status<K>): Promise<Stored<K> | undefined>
  /** Deletes this very object, whatever its version; that it is gone already is no failure. In a cluster what it owns goes too. */
  remove(object: Pick<Stored<Kind>, 'kind' | 'metadata'>): Promise<void>
}
