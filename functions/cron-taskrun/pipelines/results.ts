import type { TaskRunStatus } from '../../../shared/resources/task-run.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { cut } from '../runs/fitted.ts'
import type { Named } from './tasks.ts'

const most = { characters: 8 * 1024, results: 64 }

/**
 * What later tasks can use of one that has ended: what it printed as `OPS_RESULT:key=value`, and for each result that it
 * declares and did not print the whole output of the step that is named there. Of several places the first by name.
 */
export function resultsOf({ results: declared = {} }: Named, status: TaskRunStatus): Record<string, string> {
  if (!hasEnded(status)) return {}
  const printed = status.results ?? {}
  const outputs = Object.entries(declared).flatMap(([key, step]) => {
    if (Object.hasOwn(printed, key)) return []
    const output = outputOf(step, status)
    return output === undefined ? [] : [[key, output]]
  })
  const all = [...outputs, ...Object.entries(printed)].slice(0, most.results)
  return Object.fromEntries(all.map(([key = '', value = '']) => [key, cut(value, most.characters)]))
}

/** Without the newlines at its end, as a shell puts in the output of a command. */
function outputOf(step: string, { taskrunNodeStatus = {} }: TaskRunStatus): string | undefined {
  const nodes = Object.entries(taskrunNodeStatus).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [, { taskRunStep = [] }] of nodes) {
    const found = taskRunStep.find(({ stepName }) => stepName === step)
    if (found?.stepOutput !== undefined) return found.stepOutput.replace(/\n+$/, '')
  }
  return undefined
}
