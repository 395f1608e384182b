import type { TaskSpec } from '../../../shared/resources/task.ts'

/** Why a Task of this namespace may not have what it asks of the nodes; undefined where it may. */
export function forbidden(task: TaskSpec, namespace: string, allowed: string[]): string | undefined {
  if (allowed.includes(namespace)) return undefined
  const asked = task.privileged
    ? 'to run on the nodes themselves ("privileged")'
    : task.mounts?.find(({ hostPath }) => hostPath !== undefined) && 'for a path of the nodes ("hostPath")'
  if (!asked) return undefined
  return `The Task asks ${asked}, which Tasks of the namespace "${namespace}" may not: PRIVILEGED_NAMESPACES does not name it`
}
