import type { Stored } from '../../../shared/objects.ts'
import type { PipelineSpec } from '../../../shared/resources/pipeline.ts'
import type { TaskSpec } from '../../../shared/resources/task.ts'
import { namesIn } from '../runs/fill.ts'
import { type Named, taskIn, tasksOf } from './tasks.ts'

/** Why a pipeline cannot be run as it is written, or undefined where it can. `found`: its Tasks that are there, by name. */
export function pipelineProblem(
  spec: PipelineSpec,
  found: ReadonlyMap<string, Stored<'Task'>>,
): string | undefined {
  const tasks = tasksOf(spec)
  const names = tasks.map(({ name }) => name)
  if (tasks.length === 0) return 'The pipeline has no tasks'
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    return `Two tasks of the pipeline are called "${twice}": give one of them another name`
  for (const [index, task] of tasks.entries()) {
    const used = found.get(task.taskRef)
    if (!used) return `Task "${task.name}" of the pipeline is of "${task.taskRef}", which is not there`
    const problem = orderProblem(task, used.spec, { names, index })
    if (problem) return problem
  }
  return undefined
}

/** What has not run yet has no results: a circle of references has one such at least. */
function orderProblem(
  task: Named,
  used: TaskSpec,
  { names, index }: { names: string[]; index: number },
): string | undefined {
  const asked = (text: string) => namesIn(text).flatMap(name => taskIn(name) ?? [])
  const before = names.slice(0, index)
  for (const other of Object.values(task.variables ?? {}).flatMap(asked)) {
    if (before.includes(other)) continue
    return names.includes(other)
      ? tooEarly(task.name, other)
      : `Task "${task.name}" uses results of "${other}", which is no task of the pipeline`
  }
  // A Task that other pipelines use as well may speak of tasks that this one has not.
  const early = textsOf(used)
    .flatMap(asked)
    .find(other => names.includes(other) && !before.includes(other))
  return early === undefined ? undefined : tooEarly(task.name, early)
}

const tooEarly = (name: string, other: string): string =>
  name === other
    ? `Task "${name}" uses results of itself`
    : `Task "${name}" uses results of "${other}", which runs after it`

const textsOf = ({ steps, host = '' }: TaskSpec): string[] => [
  host,
  ...steps.flatMap(({ content = '', when = '', allowfailure = '' }) => [content, when, allowfailure]),
]
