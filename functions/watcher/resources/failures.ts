import { KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import type { Change } from '../../../shared/changes.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { type Kind, resources } from '../../../shared/resources.ts'

/** Says of a kind why it cannot be read, each reason once until it can again. */
export function failuresOf(
  kind: Kind | 'Job',
  log: Log,
  namespace?: string,
): { failed(error: unknown): void; seen(change: Change): void } {
  const plural = kind === 'Job' ? 'jobs' : resources[kind].plural
  const where = namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`
  let said = ''
  const once = (why: string, message: string) => {
    if (why !== said) log.warn({ resource: plural, err: why }, message)
    said = why
  }
  return {
    failed: error =>
      once(
        messageOf(error),
        error instanceof KubernetesError && error.status === 403
          ? `The account may not read ${plural} of the cluster: grant it list and watch on ${plural} ${where}, as infra/kubernetes/watcher/rbac/resources.yaml does. Asking again${waiting[kind] ?? ''}`
          : 'Cannot read resources of the cluster, trying again',
      ),
    seen({ kind: happened }) {
      if (happened === 'unknown')
        once(
          'its CustomResourceDefinition is missing',
          'The cluster does not know a kind of ours: apply infra/crds to it. Asking again',
        )
      else if (happened === 'all') {
        if (said !== '') log.info({ resource: plural }, 'Resources of the cluster can be read again')
        said = ''
      }
    },
  }
}

const waiting: Partial<Record<Kind | 'Job', string>> = {
  EventHooks: '; until then no hook is compiled',
  Silence: '; until then no silence is taken in',
  Job: '; until then nobody sees that a Job has ended, and runs end at their deadlines',
}
