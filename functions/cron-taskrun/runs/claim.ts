import type { TaskRunStatus } from '../../../shared/resources/task-run.ts'
import type { Place } from '../executor.ts'
import { fitted } from './fitted.ts'
import type { Plan } from './plan.ts'
import { anywhere } from './verdict.ts'

type Nodes = NonNullable<TaskRunStatus['taskrunNodeStatus']>

/** The status of a run from when it is claimed: where it runs, and what, as the Task has it at this time. */
export function runningStatus(
  before: TaskRunStatus,
  { name, work }: Pick<Plan, 'name' | 'work'>,
  now: Date,
): TaskRunStatus {
  const startTime = now.toISOString()
  const ttl = work.task.spec.ttlSecondsAfterFinished
  const nodes = work.at.map(({ place, steps }): [string, Nodes[string]] => [
    place.name || anywhere,
    {
      nodeName: place.name || anywhere,
      runStatus: 'Running',
      startTime,
      taskRunStep: steps.map(step => ({ stepName: step.name, stepContent: step.content })),
    },
  ])
  return fitted({
    ...before,
    runStatus: 'Running',
    startTime,
    executor: name,
    deadline: work.deadline.toISOString(),
    ...(ttl !== undefined && { ttlSecondsAfterFinished: ttl }),
    taskrunNodeStatus: Object.fromEntries(nodes),
  })
}

/** Where a run runs that was claimed before: to choose again could be to choose otherwise, and to run it twice. */
export function claimedPlaces({ taskrunNodeStatus }: TaskRunStatus): Place[] | undefined {
  const names = Object.keys(taskrunNodeStatus ?? {})
  if (names.length === 0) return undefined
  return names.map(name => ({ name: name === anywhere ? '' : name }))
}
