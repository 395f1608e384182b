import { hash } from 'node:crypto'
import type { Stored } from '../../../shared/objects.ts'
import { childName, labels, labelValue } from '../../../shared/runs.ts'

type Run = Pick<Stored<'TaskRun'>, 'metadata'>

/** Annotations of a Job: what it was made for, since its Task may be another one when it ends. */
export const annotations = {
  /** Name of its node; empty where the scheduler chose. */
  place: 'ops/place',
  /** How many Jobs the run has; of its Secret, too. */
  places: 'ops/places',
  /** Names of its steps, as a JSON array. */
  steps: 'ops/steps',
  /** Of the run's Secret: why it was stopped. */
  stopped: 'ops/stopped',
} as const

/** The Secret of a run. The uid is in it: a run of the same name may have been deleted a moment ago. */
export const secretName = ({ metadata }: Run) => childName(metadata.name, short('run', metadata.uid))

/** The Job of a run at a place. Its pods carry the name in a label, and take their host name from it. */
export const jobName = ({ metadata }: Run, place: string) =>
  childName(metadata.name.replaceAll('.', '-'), short(metadata.uid, place), 63)

/** The container of a step, `index` from 0. */
export const containerName = (step: string, index: number) => childName(step, String(index + 1), 63)

/** By which all that is made for a run is found. */
export const labelsOf = ({ metadata }: Run) => ({
  [labels.taskRun]: labelValue(metadata.name),
  [labels.taskRunUid]: metadata.uid,
  'app.kubernetes.io/managed-by': 'ops-events',
})

/** The label selector for it. */
export const selectorOf = ({ metadata }: Run) => `${labels.taskRunUid}=${metadata.uid}`

/** What is owned by a run goes with it. */
export const ownerOf = ({ metadata }: Run) => ({
  apiVersion: 'crd.chenshaowen.com/v1',
  kind: 'TaskRun',
  name: metadata.name,
  uid: metadata.uid,
  controller: true,
})

function short(...of: string[]): string {
  return hash('sha256', of.join('/')).slice(0, 10)
}
