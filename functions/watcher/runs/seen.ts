import { z } from 'zod'
import type { ClusterObject } from '../../../shared/changes.ts'
import { RunStatus } from '../../../shared/resources/run.ts'
import { annotations, labels, type RunKind } from '../../../shared/runs.ts'

/** An object as orders name it. */
export type Named = { namespace: string; name: string; uid: string }

type Common = Named & {
  generation: number
  /** Unix ms; as are all times here. */
  created: number
}

/** What is kept in memory of a TaskRun or a PipelineRun: thousands of them have outputs that nobody needs here. */
export type SeenRun = Common & {
  kind: RunKind
  crontab: string | undefined
  timeZone: string | undefined
  suspend: boolean
  startingDeadline: number | undefined
  runStatus: RunStatus | undefined
  message: string | undefined
  lastSchedule: number | undefined
  started: number | undefined
  completed: number | undefined
  /** As it is written, too: it tells one deadline from the next. */
  deadline: { at: number; text: string } | undefined
  executor: string | undefined
  ttl: number | undefined
  scheduledBy: boolean
  /** The PipelineRun that it is a part of, and which of its tasks: names as labels have them. */
  part: { of: string; task: string } | undefined
  /** Of a PipelineRun: how its tasks stand by its own status. */
  tasks: { name: string; runStatus: RunStatus | undefined }[]
}

/** What is kept of a Host or a Cluster. */
export type SeenPlace = Common & { kind: 'Host' | 'Cluster'; probed: boolean }

export type Seen = SeenRun | SeenPlace

/** A run as an order names it. */
export const about = ({ kind, namespace, name, uid }: SeenRun) => ({ kind, namespace, name, uid })

export const isRun = (seen: Seen): seen is SeenRun => seen.kind === 'TaskRun' || seen.kind === 'PipelineRun'

// What the schema refuses never came here; a field that is wrong all the same is as if it were missing.
const text = z.string().optional().catch(undefined)
const seconds = z.number().min(0).optional().catch(undefined)
const runStatus = RunStatus.optional().catch(undefined)
const Spec = z.object({
  crontab: text,
  timeZone: text,
  suspend: z.boolean().catch(false),
  startingDeadlineSeconds: seconds,
})
const Task = z.object({ name: z.string(), taskRunStatus: z.object({ runStatus }).optional() })
const Status = z.object({
  runStatus,
  ...{ message: text, lastScheduleTime: text, startTime: text, completionTime: text, deadline: text },
  executor: text,
  ttlSecondsAfterFinished: seconds,
  pipelineRunStatus: z.array(Task).catch([]),
})

/** Reads what is kept of an object. */
export function seenOf(kind: Seen['kind'], object: ClusterObject): Seen {
  const { namespace, name, uid, generation, creationTimestamp } = object.metadata
  const common = { namespace, name, uid, generation, created: msOf(creationTimestamp) ?? 0 }
  if (kind === 'Host' || kind === 'Cluster')
    return { ...common, kind, probed: object.status.heartTime !== undefined }
  return { ...common, kind, ...runOf(object) }
}

function runOf({ metadata, ...object }: ClusterObject): Omit<SeenRun, keyof Common | 'kind'> {
  const spec = Spec.parse(object.spec)
  const status = Status.parse(object.status)
  const deadline = msOf(status.deadline)
  const { [labels.pipelineRun]: of, [labels.pipelineTask]: task = '' } = metadata.labels
  const ttl = Number(metadata.annotations[annotations.ttl] || Number.NaN)
  return {
    // Empty it is none, as in the older system.
    ...{ crontab: spec.crontab || undefined, timeZone: spec.timeZone, suspend: spec.suspend },
    startingDeadline: msIn(spec.startingDeadlineSeconds),
    runStatus: status.runStatus,
    message: status.runStatus === 'DataInValid' ? status.message : undefined,
    lastSchedule: msOf(status.lastScheduleTime),
    started: msOf(status.startTime),
    completed: msOf(status.completionTime),
    deadline: deadline === undefined ? undefined : { at: deadline, text: status.deadline ?? '' },
    executor: status.executor,
    ttl: ttl >= 0 ? msIn(ttl) : msIn(status.ttlSecondsAfterFinished),
    scheduledBy: metadata.labels[labels.scheduledBy] !== undefined,
    part: of === undefined ? undefined : { of, task },
    tasks: status.pipelineRunStatus.map(one => ({ name: one.name, runStatus: one.taskRunStatus?.runStatus })),
  }
}

const msIn = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1_000)

function msOf(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? '')
  return Number.isNaN(ms) ? undefined : ms
}
