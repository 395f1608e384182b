import type { StepReport } from '../executor.ts'
import type { Output } from '../script/output.ts'
import type { PreparedStep } from '../script/step.ts'
import type { Cut } from './cut.ts'

/**
 * How it ended: with a code, by a signal, or not at all as `problem` tells. `cut`: ended since the signal said so.
 * `lost`: nothing more can be run at this place.
 */
export type Ended = ({ code: number } | { signal: string } | { problem: string; lost?: true }) & {
  cut?: true
}

/** What became of a step: of the run too where it is cut short, of the place too where that is lost. */
export type Went = { report: StepReport; cut?: Cut; lost?: true }

/** What is told of a step that was run. `cut`: why the run is ended, where this step was ended by that. */
export function told(step: PreparedStep, ended: Ended, by: { output: Output; cut: Cut | undefined }): Went {
  const { output, results, findings } = by.output
  const problem = by.cut ? `was ended: ${by.cut.why}` : problemOf(ended, step.timeoutSeconds)
  const report: StepReport = {
    name: step.name,
    status: problem === undefined ? 'Successed' : 'Failed',
    output,
    ...(problem !== undefined && { message: `step "${step.name}" ${problem}` }),
    results,
    findings,
  }
  return { report, ...(by.cut && { cut: by.cut }), ...('lost' in ended && { lost: true }) }
}

function problemOf(ended: Ended, limit: number): string | undefined {
  if ('lost' in ended) return `was lost: ${ended.problem}`
  if (ended.cut) return `was still running after ${limit} s`
  if ('problem' in ended) return `cannot be run: ${ended.problem}`
  if ('signal' in ended) return `was killed by ${ended.signal}`
  return ended.code === 0 ? undefined : `exited with ${ended.code}`
}

/** What is told of a step that was not run. */
export const unrun = (step: PreparedStep, status: 'Failed' | 'Skipped', why: string): StepReport => ({
  name: step.name,
  status,
  output: '',
  message: status === 'Failed' ? `step "${step.name}" was not run: ${why}` : why,
  results: {},
  findings: [],
})
