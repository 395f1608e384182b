import { TaskRunStatus } from '../../../shared/resources/task-run.ts'
import type { PlaceReport, StepReport } from '../executor.ts'
import { fitted } from './fitted.ts'
import { anywhere, verdictOf } from './verdict.ts'

type Nodes = NonNullable<TaskRunStatus['taskrunNodeStatus']>
type Step = NonNullable<Nodes[string]['taskRunStep']>[number]

/** The status of a run that never starts, or ends without anything to say of its places. */
export function withoutReports(
  before: TaskRunStatus,
  ending: { runStatus: 'DataInValid' | 'Failed' | 'Aborted'; message: string },
  now: Date,
): TaskRunStatus {
  const { taskrunNodeStatus } = before
  return {
    ...before,
    ...ending,
    completionTime: now.toISOString(),
    ...(taskrunNodeStatus && {
      taskrunNodeStatus: Object.fromEntries(
        Object.entries(taskrunNodeStatus).map(([name, node]) => [
          name,
          node.runStatus === 'Running' ? { ...node, runStatus: 'Aborted' as const } : node,
        ]),
      ),
    }),
  }
}

/** What a run has come to. `because`: why it ended before its time, which is then its message. */
export type Ending = {
  places: PlaceReport[]
  because?: { runStatus: 'Failed' | 'Aborted'; message: string }
}

/** The last status of a run, or that there is none that could be written: what nobody takes would be tried for ever. */
export function lastStatus(before: TaskRunStatus, ending: Ending, now: Date): TaskRunStatus {
  const status = finalStatus(before, ending, now)
  const [issue] = TaskRunStatus.safeParse(status).error?.issues ?? []
  if (!issue) return status
  const message = `What came of it cannot be written down: ${issue.path.join('.')}: ${issue.message}`
  return withoutReports(before, { runStatus: 'Failed', message }, now)
}

/** The last status of a run. One in which no step was run has not gone well, unless each was left out by its `when`. */
function finalStatus(before: TaskRunStatus, { places, because }: Ending, now: Date): TaskRunStatus {
  const contents = contentsIn(before)
  const reported = places.map((place): [string, Nodes[string]] => {
    const name = place.place || anywhere
    return [
      name,
      {
        nodeName: name,
        runStatus: place.runStatus,
        ...(place.message !== undefined && { message: place.message }),
        startTime: place.startTime,
        completionTime: place.completionTime,
        taskRunStep: place.steps.map(step => stepOf(step, contents(name))),
      },
    ]
  })
  const nodes = { ...unheardOf(before, places, because), ...Object.fromEntries(reported) }
  const verdict = because ?? verdictOf(nodes)
  const { message: _, ...rest } = before
  return fitted({
    ...rest,
    ...verdict,
    completionTime: now.toISOString(),
    taskrunNodeStatus: nodes,
    results: Object.assign({}, ...places.flatMap(({ steps }) => steps.map(({ results }) => results))),
  })
}

function stepOf(step: StepReport, contents: Map<string, string>): Step {
  const content = contents.get(step.name)
  const problems = step.findings.flatMap(finding => ('problem' in finding ? [finding.problem] : []))
  const message = [...(step.message ? [step.message] : []), ...problems].join('; ')
  return {
    stepName: step.name,
    ...(content !== undefined && { stepContent: content }),
    stepOutput: step.output,
    stepStatus: step.status,
    ...(message && { message }),
  }
}

/** The scripts at a place, by step; where the scheduler chose the place, those of the place that it was to choose. */
function contentsIn({ taskrunNodeStatus = {} }: TaskRunStatus): (place: string) => Map<string, string> {
  return place =>
    new Map(
      ((taskrunNodeStatus[place] ?? taskrunNodeStatus[anywhere])?.taskRunStep ?? []).flatMap(
        ({ stepName, stepContent }): [string, string][] =>
          stepName !== undefined && stepContent !== undefined ? [[stepName, stepContent]] : [],
      ),
    )
}

/** The places that it was to run at and that nobody told of. */
function unheardOf(before: TaskRunStatus, places: PlaceReport[], because: Ending['because']): Nodes {
  const told = new Set(places.map(({ place }) => place || anywhere))
  const others = Object.entries(before.taskrunNodeStatus ?? {}).filter(
    ([name]) => !told.has(name) && !(name === anywhere && places.length > 0),
  )
  return Object.fromEntries(
    others.map(([name, { taskRunStep: _, ...node }]) => [
      name,
      {
        ...node,
        runStatus: because?.runStatus ?? 'Aborted',
        message: because?.message ?? 'Nothing is known of what became of it',
      },
    ]),
  )
}
