import type { TaskRunStatus } from '../../../shared/resources/task-run.ts'
import type { UnderWay } from '../executor.ts'

type Nodes = NonNullable<TaskRunStatus['taskrunNodeStatus']>

/** A place that the scheduler has yet to choose. */
export const anywhere = 'anynode'

type Verdict = Pick<TaskRunStatus, 'runStatus' | 'message'>

/** How a run has gone, by what became of its places, and what of that is to be known first. */
export function verdictOf(nodes: Nodes): Verdict {
  const all = Object.entries(nodes)
  for (const runStatus of ['Failed', 'Aborted'] as const) {
    const [first, ...others] = all.filter(([, node]) => node.runStatus === runStatus)
    if (!first) continue
    const more = others.length > 0 ? `, and ${others.length} other places too` : ''
    return { runStatus, message: `${whyOf(first, runStatus)}${more}` }
  }
  const idle = all.filter(([, { taskRunStep = [] }]) => taskRunStep.length === 0)
  if (all.length > 0 && idle.length === 0) return { runStatus: 'Successed' }
  return { runStatus: 'Failed', message: `No step was run${idle[0] ? ` on "${idle[0][0]}"` : ''}` }
}

function whyOf([place, { message, taskRunStep = [] }]: [string, Nodes[string]], runStatus: string): string {
  const step = taskRunStep.findLast(({ stepStatus }) => stepStatus === 'Failed')
  // Why a place was ended only that knows.
  const told = runStatus === 'Failed' ? (step?.message ?? message) : (message ?? step?.message)
  // Its name stands in front of it already.
  const own = `step "${step?.stepName}" `
  const said = told?.startsWith(own) ? told.slice(own.length) : told
  const where = step ? `Step "${step.stepName}" on "${place}"` : `"${place}"`
  return said ? `${where}: ${said}` : `${where} ${runStatus === 'Failed' ? 'failed' : 'was ended'}`
}

/** `step "x" on "y"` of each that is under way when a run is ended; empty where nobody knows. */
export const underWay = (at: UnderWay[] = []): string =>
  at
    .slice(0, 5)
    .map(({ place, step, message }) => {
      const where = `${step ? `step "${step}"` : 'something'} on "${place || anywhere}"`
      return message ? `${where} (${message})` : where
    })
    .join(', ')
