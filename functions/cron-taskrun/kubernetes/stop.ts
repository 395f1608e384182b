import { KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import type { Executor } from '../executor.ts'
import { readJobs } from './jobs.ts'
import { annotations, secretName } from './names.ts'
import type { Ask } from './world.ts'

/**
 * Empties the Secret of a run, without which no pod of it can begin, and deletes its Jobs, their pods after them. The
 * empty Secret goes with the run: as long as it is there, nobody starts that again.
 */
export function stopIn({ json }: { json: Ask }): Executor['stop'] {
  return (run, why) => unlessForbidden(() => stop(run, why))

  async function stop(...[run, why]: Parameters<Executor['stop']>): Promise<void> {
    const { namespace } = run.metadata
    await unlessGone(() =>
      json({
        ...{ method: 'PATCH', path: `/api/v1/namespaces/${namespace}/secrets/${secretName(run)}` },
        body: { data: null, metadata: { annotations: { [annotations.stopped]: why } } },
        contentType: 'application/merge-patch+json',
      }),
    )
    const jobs = await readJobs(json, run)
    await Promise.all(
      jobs.map(({ metadata: { name, uid } }) =>
        unlessGone(() =>
          json({
            ...{ method: 'DELETE', path: `/apis/batch/v1/namespaces/${namespace}/jobs/${name}` },
            body: {
              ...{ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' },
              preconditions: { uid },
            },
          }),
        ),
      ),
    )
  }
}

// Who may not look for Jobs there could not have made any; and one of a time when we might ends by its own deadline.
async function unlessForbidden(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.status !== 403) throw error
  }
}

// Or another one has its name.
async function unlessGone(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof KubernetesError) || ![404, 409].includes(error.status)) throw error
  }
}
