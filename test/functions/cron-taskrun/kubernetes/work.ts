import type { Work } from '../../../../functions/cron-taskrun/executor.ts'
import type { PreparedStep } from '../../../../functions/cron-taskrun/script/step.ts'
import type { Stored } from '../../../../shared/objects.ts'
import { TaskSpec } from '../../../../shared/resources/task.ts'

export const metadata = (name: string, uid = `uid-of-${name}`, namespace = 'ops') => ({
  ...{ name, namespace, uid, resourceVersion: '1', generation: 1 },
  creationTimestamp: '2026-01-02T03:04:05Z',
  ...{ labels: {}, annotations: {}, ownerReferences: [] },
})

export const runOf = (
  of: Stored<'TaskRun'>['metadata'],
  status: Stored<'TaskRun'>['status'] = {},
): Stored<'TaskRun'> => ({
  kind: 'TaskRun',
  metadata: of,
  spec: { taskRef: 't', suspend: false, concurrencyPolicy: 'Forbid' },
  status,
})

export const stepOf = (name: string, over: Partial<PreparedStep> = {}): PreparedStep => ({
  ...{ name, content: 'echo', text: 'echo', interpreter: ['sh'], language: 'shell', timeoutSeconds: 600 },
  ...{ uses: [], env: {}, plain: [], ...over },
})

export const token = 'opsrun_x_secret-token'

/** A run of a Task at some places, the same steps everywhere. */
export function workOf(
  run: Stored<'TaskRun'>,
  of: {
    places?: string[]
    steps?: PreparedStep[]
    env?: Record<string, string>
    task?: object
    deadline?: Date
  },
): Work {
  const { places = [''], steps = [stepOf('check')], env = {}, task = {} } = of
  const spec = TaskSpec.parse({ steps: steps.map(({ name, content }) => ({ name, content })), ...task })
  return {
    run,
    task: { kind: 'Task', metadata: metadata('t'), spec, status: {} },
    at: places.map(name => ({ place: { name }, env, steps })),
    endpoint: `http://ops:${token}@ingest:8080`,
    secrets: [token],
    deadline: of.deadline ?? new Date(Date.now() + 600_000),
  }
}
