import type { Metadata } from '../../../shared/objects.ts'
import type { Kind } from '../../../shared/resources.ts'

/**
 * The kinds that lie in the cluster, or where there is none in KV; in an order in which they can be made: what is run
 * before what runs it.
 */
export const objectKinds = [
  'Host',
  'Cluster',
  'Task',
  'Pipeline',
  'TaskRun',
  'PipelineRun',
] as const satisfies Kind[]
export type ObjectKind = (typeof objectKinds)[number]

export const isObjectKind = (kind: string): kind is ObjectKind =>
  (objectKinds as readonly string[]).includes(kind)

/** An object as people write it, with the defaults of its schema. */
export type ObjectResource = {
  kind: ObjectKind
  metadata: Pick<Metadata, 'name' | 'namespace' | 'labels' | 'annotations'>
  spec: Record<string, unknown>
}

/** Does it run when it is made, and never again? */
export const runsOnce = ({ kind, spec }: { kind: Kind; spec: Record<string, unknown> }): boolean =>
  (kind === 'TaskRun' || kind === 'PipelineRun') && !spec.crontab
