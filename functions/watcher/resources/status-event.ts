import { z } from 'zod'
import type { ClusterObject } from '../../../shared/changes.ts'
import { correlationIdOf } from '../../../shared/correlation.ts'
import { type OpsEvent, ownSource } from '../../../shared/event.ts'
import { idOf } from '../../../shared/id.ts'
import { resources } from '../../../shared/resources.ts'
import { lineageOf } from '../../../shared/runs.ts'
import { resourceSubject } from '../../../shared/subject.ts'
import { statusWrittenAt } from './object.ts'

type Fields = Record<string, unknown>

const RunStatus = z.object({
  taskrunNodeStatus: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  pipelineRunStatus: z.array(z.record(z.string(), z.unknown())).optional(),
})

/** What each kind's event says beside the cluster; credentials of a spec have no place in it. */
const dataOf = {
  Host: (spec, status) => ({ ...picked(spec, ['address', 'port', 'username']), status }),
  Cluster: (spec, status) => ({ ...picked(spec, ['server']), status }),
  TaskRun: (spec, status) => ({
    ...picked(spec, ['taskRef', 'desc', 'variables']),
    ...taskRunStatus(status),
  }),
  PipelineRun: (spec, status) => ({
    ...picked(spec, ['pipelineRef', 'desc', 'variables']),
    ...picked(status, ['runStatus', 'message', 'startTime', 'completionTime']),
    pipelineRunStatus: (RunStatus.parse(status).pipelineRunStatus ?? []).map(({ name, ...task }) => ({
      taskName: name,
      ...task,
      ...(isFields(task.taskRunStatus) && { taskRunStatus: taskRunStatus(task.taskRunStatus) }),
    })),
  }),
} satisfies Partial<Record<keyof typeof resources, (spec: Fields, status: Fields) => Fields>>

/** The kinds whose changes of status are events. */
export type ToldKind = keyof typeof dataOf
export const toldKinds = ['Host', 'Cluster', 'TaskRun', 'PipelineRun'] as const satisfies ToldKind[]

/** The nodes of a run are a map in the resource, and a list in order of their names in the event. */
function taskRunStatus(status: Fields): Fields {
  const nodes = Object.entries(RunStatus.parse(status).taskrunNodeStatus ?? {})
  return {
    ...picked(status, ['runStatus', 'message', 'startTime', 'completionTime']),
    taskRunNodeStatus: nodes
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([nodeName, node]) => ({ nodeName, ...node })),
  }
}

/** Does the status say how it stands? That of one with a crontab says when it was last due, too. */
export const isTold = ({ spec, status }: ClusterObject): boolean =>
  Object.keys(status).length > 0 && (!spec.crontab || status.runStatus !== undefined)

/** The event of what the status of an object is now. Of one version there is one, however many replicas make it. */
export function statusEvent(
  kind: ToldKind,
  object: ClusterObject,
  about: { cluster: string; now: number },
): OpsEvent & { subject: string } {
  const { cluster, now } = about
  const { uid, resourceVersion, namespace, name, annotations } = object.metadata
  const time = statusWrittenAt(object) ?? now
  return {
    specversion: '1.0',
    id: idOf(uid, resourceVersion),
    source: ownSource,
    type: kind,
    subject: resourceSubject({
      ...{ cluster, namespace, name },
      plural: resources[kind].plural,
      observation: 'status',
    }),
    time: new Date(time).toISOString(),
    datacontenttype: 'application/json',
    cluster,
    ...correlated(kind, object, { cluster, time }),
    ...lineageOf(annotations),
    data: { cluster, ...dataOf[kind](object.spec, object.status) },
  }
}

/** The last event of a run that was deleted while it ran: nobody writes down any more how it ended. Undefined of others. */
export function deletedEvent(
  kind: ToldKind,
  object: ClusterObject,
  about: { cluster: string; now: number },
): (OpsEvent & { subject: string }) | undefined {
  if (object.spec.crontab || object.status.runStatus !== 'Running') return undefined
  const time = new Date(about.now).toISOString()
  const end = { runStatus: 'Aborted', message: 'It was deleted while it ran', completionTime: time }
  const ended = { ...object, status: { ...object.status, ...end } }
  return {
    ...statusEvent(kind, ended, about),
    ...correlated(kind, object, { cluster: about.cluster, time: about.now }),
    ...lineageOf(object.metadata.annotations),
    ...{ id: idOf('deleted', object.metadata.uid), time },
  }
}

/** The data of these events does not name their object, and the subject has no uid of it. */
function correlated(kind: ToldKind, { metadata }: ClusterObject, about: { cluster: string; time: number }) {
  const { namespace, name, uid } = metadata
  return {
    correlationid: correlationIdOf({ cluster: about.cluster, kind, namespace, name, uid }, about.time),
  }
}

const picked = (fields: Fields, names: string[]): Fields =>
  Object.fromEntries(names.filter(name => fields[name] !== undefined).map(name => [name, fields[name]]))

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
