import { z } from 'zod'
import type { UnderWay } from '../executor.ts'
import type { Job, Pod } from './jobs.ts'
import { containerName } from './names.ts'
import type { Ask } from './world.ts'

// A pod waits so until its turn comes.
const ordinary = ['PodInitializing', 'ContainerCreating']

/** Where the pod of a Job is, and what it waits for if that takes more than time. */
export function underWay(job: Job, pod: Pod): UnderWay {
  const place = job.place || pod.node || ''
  const index = stepUnderWay(job, pod)
  const step = index === undefined ? undefined : job.steps[index]
  const message = waitingFor(pod, step === undefined ? '' : containerName(step, index ?? 0))
  return { place, ...(step !== undefined && { step }), ...(message !== undefined && { message }) }
}

/** The first step whose container has not ended; undefined where all have. */
export function stepUnderWay({ steps }: Job, { containers }: Pod): number | undefined {
  const index = steps.findIndex((step, at) => {
    const container = containers.find(({ name }) => name === containerName(step, at))
    return !container?.state.terminated
  })
  return index < 0 ? undefined : index
}

/** Why the container of a step does not run, where that is no matter of time alone. */
export function waitingFor({ conditions, containers }: Pod, container: string): string | undefined {
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  if (unscheduled) return said(unscheduled.reason ?? 'Unschedulable', unscheduled.message)
  const waiting = containers.find(({ name }) => name === container)?.state.waiting
  if (!waiting?.reason || ordinary.includes(waiting.reason)) return undefined
  return said(waiting.reason, waiting.message)
}

const said = (reason: string, message: string | undefined) => (message ? `${reason}: ${message}` : reason)

const Events = z.object({
  items: z
    .array(z.object({ message: z.string().optional() }))
    .nullish()
    .transform(items => items ?? []),
})

/** Why a Job has no pod, as the controller told: its namespace does not admit it, say. */
export async function failureToMakePod(
  json: Ask,
  { namespace, job }: { namespace: string; job: Job },
): Promise<string | undefined> {
  const fieldSelector = `involvedObject.uid=${job.metadata.uid},reason=FailedCreate`
  const path = `/api/v1/namespaces/${namespace}/events`
  const { items } = Events.parse(await json({ path, query: { fieldSelector, limit: 10 } }))
  const message = items.at(-1)?.message
  return message === undefined ? undefined : `Its pod cannot be made: ${message}`
}
