import type { PlaceReport, StepReport } from '../executor.ts'
import type { Output } from '../script/output.ts'
import { type Ending, endingOf } from './ending.ts'
import type { Job, Pod } from './jobs.ts'
import { containerName } from './names.ts'
import { stepUnderWay, waitingFor } from './under-way.ts'

/** The containers of a pod that have run, or run: those that there may be output of. */
export const printedBy = (pod: Pod | undefined): string[] =>
  (pod?.containers ?? []).filter(({ state }) => state.terminated || state.running).map(({ name }) => name)

/**
 * What became of the steps at one place. Of a Job that still runs: what is to be said once it is stopped. `outputs` by
 * names of containers.
 */
export function placeReport(of: {
  job: Job
  pod: Pod | undefined
  outputs: Map<string, Output>
  now: Date
}): PlaceReport {
  const { job, pod, now } = of
  const steps = pod ? stepsOf(job, pod, of.outputs) : stepsWithoutPod(job)
  const failed = steps.find(({ ending }) => ending.status === 'Failed' && !ending.allowed)
  const runStatus = statusOf(job, failed !== undefined)
  const message = runStatus === 'Successed' ? goneWith(pod) : whyOf(job, pod, failed)
  return {
    place: job.place || pod?.node || '',
    runStatus,
    ...(message !== undefined && { message }),
    startTime: pod?.startTime ?? job.startTime,
    completionTime: job.completionTime ?? job.end?.lastTransitionTime ?? now.toISOString(),
    steps: steps.map(({ report }) => report),
  }
}

type Step = { ending: Ending; report: StepReport }

function stepsOf(job: Job, pod: Pod, outputs: Map<string, Output>): Step[] {
  const current = stepUnderWay(job, pod)
  const steps: Step[] = []
  for (const [index, name] of job.steps.entries()) {
    const container = containerName(name, index)
    const state = pod.containers.find(one => one.name === container)?.state
    const ending = state?.terminated
      ? endingOf(state.terminated)
      : unended(pod, { container, current: index === current, ran: state?.running !== undefined })
    if (ending) steps.push({ ending, report: reportOf(name, ending, outputs.get(container)) })
    // Those after it are not come to.
    if (!ending || (ending.status === 'Failed' && !ending.allowed)) break
  }
  return steps
}

// A node that is gone has told only of the pod as a whole, if that.
function unended(
  pod: Pod,
  { container, current, ran }: { container: string; current: boolean; ran: boolean },
): Ending | undefined {
  if (pod.phase === 'Succeeded') return { status: 'Successed' }
  if (!current) return undefined
  const why = waitingFor(pod, container)
  if (why !== undefined) return { status: 'Failed', message: `Could not start: ${why}` }
  return { status: 'Failed', message: ran ? 'Had not ended' : 'Had not started' }
}

const stepsWithoutPod = ({ steps, end }: Job): Step[] =>
  end?.type === 'Complete' ? steps.map(name => stepOf(name, { status: 'Successed' })) : []

const stepOf = (name: string, ending: Ending): Step => ({ ending, report: reportOf(name, ending, undefined) })

const reportOf = (
  name: string,
  { status, message }: Ending,
  { output, results, findings }: Pick<Output, 'output' | 'results' | 'findings'> = nothing,
): StepReport => ({ name, status, output, ...(message !== undefined && { message }), results, findings })

const nothing = { output: '', results: {}, findings: [] }

function statusOf({ end }: Job, failed: boolean): PlaceReport['runStatus'] {
  if (end?.type === 'Complete') return 'Successed'
  return failed || !end || end.reason === 'DeadlineExceeded' ? 'Failed' : 'Aborted'
}

const goneWith = (pod: Pod | undefined) => (pod ? undefined : 'Its pod is gone, and with it what it printed')

function whyOf({ end }: Job, pod: Pod | undefined, failed: Step | undefined): string {
  const step = failed && `Step "${failed.report.name}": ${failed.report.message}`
  // Evicted, lost with its node, preempted: the pod says so, or a condition of it.
  const disrupted = pod?.conditions.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  )
  const cause = pod?.reason ? pod : disrupted
  const said = cause && [cause.reason, cause.message].filter(Boolean).join(': ')
  const job = end && `Its Job failed, ${[end.reason, end.message].filter(Boolean).join(': ')}`
  const parts = [step, said, !step && !said ? job : undefined, pod ? undefined : goneWith(pod)]
  return parts.filter(part => part !== undefined).join('. ')
}
