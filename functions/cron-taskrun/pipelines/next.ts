import type { Stored } from '../../../shared/objects.ts'
import type { PipelineSpec } from '../../../shared/resources/pipeline.ts'
import type { PipelineRunStatus } from '../../../shared/resources/pipeline-run.ts'
import type { TaskRunStatus } from '../../../shared/resources/task-run.ts'
import { hasEnded, labelValue } from '../../../shared/runs.ts'
import { fill } from '../runs/fill.ts'
import { taskOf } from './children.ts'
import { resultsOf } from './results.ts'
import { type Named, resultName, tasksOf } from './tasks.ts'

type Entry = NonNullable<PipelineRunStatus['pipelineRunStatus']>[number]

export type Start = { task: Named; variables: Record<string, string> }

/** How a PipelineRun goes on; `entries` is what its status says of its tasks. */
export type Next =
  | ({ kind: 'start'; entries: Entry[] } & Start)
  | { kind: 'wait'; entries: Entry[] }
  | { kind: 'end'; runStatus: 'Successed' | 'Failed'; message?: string; entries: Entry[] }

/** The results of all tasks together, in bytes: they stand in one object with all else that is told of the run. */
const mostOfResults = 128 * 1024

/**
 * What comes next in a pipeline, by its TaskRuns and what was known of them before: a TaskRun may have been removed
 * since. After a failure only what always runs is run.
 */
export function next(spec: PipelineSpec, known: Entry[], children: Stored<'TaskRun'>[]): Next {
  const entries: Entry[] = []
  let failure: string | undefined
  let room = mostOfResults
  for (const task of tasksOf(spec)) {
    const entry = entryOf(task, known, children)
    if (!entry) {
      if (failure !== undefined && !task.runAlways) continue
      return { kind: 'start', entries, task, variables: variablesOf(spec, task, entries) }
    }
    const { results, ...rest } = entry
    const bytes = results ? Buffer.byteLength(JSON.stringify(results)) : 0
    entries.push(bytes > room ? rest : entry)
    const { runStatus, message } = entry.taskRunStatus ?? {}
    if (!hasEnded({ runStatus })) return { kind: 'wait', entries }
    if (runStatus !== 'Successed' && !task.allowFailure)
      failure ??= `Task "${task.name}" is ${runStatus}${message ? `: ${message}` : ''}`
    if (bytes > room)
      failure ??= `The results of task "${task.name}" have ${bytes} bytes, and there is room for ${room}: those of all tasks together may have ${mostOfResults}`
    else room -= bytes
  }
  if (failure === undefined) return { kind: 'end', runStatus: 'Successed', entries }
  return { kind: 'end', runStatus: 'Failed', message: failure, entries }
}

/** How a task stands; undefined when it was never started. */
function entryOf(task: Named, known: Entry[], children: Stored<'TaskRun'>[]): Entry | undefined {
  const { name, taskRef } = task
  const child = children.find(run => taskOf(run) === labelValue(name))
  const before = known.find(entry => entry.name === name)
  if (!child && !before) return undefined
  if (!child && hasEnded(before?.taskRunStatus ?? {})) return before
  const taskRunStatus: TaskRunStatus = child
    ? // One that nobody has claimed yet is under way for whoever waits for it.
      { ...child.status, runStatus: child.status.runStatus ?? 'Running' }
    : { ...before?.taskRunStatus, runStatus: 'Aborted', message: 'Its TaskRun was deleted' }
  const results = resultsOf(task, taskRunStatus)
  return { name, taskRef, taskRunStatus, ...(Object.keys(results).length > 0 && { results }) }
}

/** The values that a task gets: those of the pipeline, its own over them, and the results of all before it. */
function variablesOf(spec: PipelineSpec, task: Named, entries: Entry[]): Record<string, string> {
  const results = Object.fromEntries(
    entries.flatMap(({ name = '', results = {} }) =>
      Object.entries(results).map(([key, value]) => [resultName(name, key), value]),
    ),
  )
  const values = Object.fromEntries(
    Object.entries(spec.variables ?? {}).flatMap(([name, { value, default: text }]) => {
      // What came with the run is data; what the pipeline's author wrote may speak of results.
      const known = value ?? (text === undefined ? undefined : fill(text, results))
      return known === undefined ? [] : [[name, known]]
    }),
  )
  const own = Object.entries(task.variables ?? {}).map(([name, text]) => [
    name,
    fill(text, { ...values, ...results }),
  ])
  return { ...values, ...Object.fromEntries(own), ...results }
}
