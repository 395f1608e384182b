import { apiVersion } from '../../../shared/hook.ts'
import type { Stored } from '../../../shared/objects.ts'
import type { RunKind } from '../../../shared/runs.ts'

/** A run of either kind. */
export type Run = Stored<'TaskRun'> | Stored<'PipelineRun'> | Stored<RunKind>

/** The name of what it runs. */
export const refOf = (spec: { taskRef: string } | { pipelineRef: string }): string =>
  'taskRef' in spec ? spec.taskRef : spec.pipelineRef

// What kubectl writes there is the whole object once more.
const noise = /^kubectl\.kubernetes\.io\//

/** A run as an object of Kubernetes is shown. */
export function shown({ kind, metadata, spec, status }: Run) {
  const annotations = Object.entries(metadata.annotations).filter(([name]) => !noise.test(name))
  return {
    apiVersion,
    kind,
    metadata: { ...metadata, annotations: Object.fromEntries(annotations) },
    spec,
    status,
  }
}

// Scripts and what they print, of which a list would be many MB.
const bulky = new Set(['stepContent', 'stepOutput', 'pipelineSpec'])

/** The same for a list: how its steps stand, without their scripts and what they printed. */
export const listed = (run: Run) => ({ ...shown(run), status: without(run.status) })

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !bulky.has(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, without(inner)]))
}
