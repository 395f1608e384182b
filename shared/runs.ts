import { hash } from 'node:crypto'
import type { Lineage } from './lineage.ts'
import type { RunStatus } from './resources/run.ts'

/** The kinds that run, by the clock or once. */
export type RunKind = 'TaskRun' | 'PipelineRun'

/** Labels of runs, of which the first four are the older system's. Values as `labelValue` has them. */
export const labels = {
  taskRef: 'ops/taskref',
  pipelineRef: 'ops/pipelineref',
  /** Name and kind of the object with the crontab that it was made for. */
  scheduledBy: 'ops/scheduledby',
  scheduledKind: 'ops/scheduledkind',
  /** Name of the PipelineRun that it is a part of, and of its task in there. */
  pipelineRun: 'ops/pipelinerun',
  pipelineTask: 'ops/pipelinetask',
  /** Name of the hook that started it. */
  hook: 'ops/hook',
  /** Of a Job, a Secret and a Pod: name and uid of the TaskRun that they are of. */
  taskRun: 'ops/taskrun',
  taskRunUid: 'ops/taskrun-uid',
} as const

/**
 * Annotations of runs: where they come from (shared/lineage.ts), when one was due (RFC 3339), and for how many seconds
 * one is kept when it has ended.
 */
export const annotations = {
  hops: 'ops/hops',
  via: 'ops/via',
  causationid: 'ops/causationid',
  correlationid: 'ops/correlationid',
  due: 'ops/due',
  askedBy: 'ops/askedby',
  ttl: 'ops/ttl',
} as const

/** Does it stand so for ever? */
export const hasEnded = ({ runStatus }: { runStatus?: RunStatus | undefined }): boolean =>
  runStatus !== undefined && runStatus !== 'Running' && runStatus !== 'Dispatched'

const label = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i

/**
 * A name as the value of a label, which has 63 characters at most, and not all of those that people write where a name
 * has to be: any other ends in a part of its hash.
 */
export function labelValue(name: string): string {
  if (name.length <= 63 && label.test(name)) return name
  const start = name.replace(/[^a-z0-9._-]+/gi, '-').slice(0, 54)
  return `${start.replace(/^[^a-z0-9]+|[^a-z0-9]+$/gi, '')}-${hashOf(name)}`.replace(/^-/, '')
}

/**
 * The name of what is made of something with a name, so that making it twice is once; at most `most` characters, as
 * Kubernetes allows for the kind. A suffix may be a name as long as any.
 */
export function childName(parent: string, suffix: string, most = 253): string {
  const end = fitting(suffix, Math.floor(most / 2))
  return `${fitting(parent, most - end.length - 1)}-${end}`
}

function fitting(name: string, most: number): string {
  if (name.length <= most) return name
  return `${name.slice(0, most - 9).replace(/[^a-z0-9]+$/i, '')}-${hashOf(name)}`
}

const hashOf = (name: string): string => hash('sha256', name).slice(0, 8)

/** Lineage as the annotations of a run carry it. */
export const annotationsOf = (lineage: Lineage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(lineage).map(([name, value]) => [annotations[name as keyof Lineage], String(value)]),
  )

/** The lineage that the annotations of a run carry; somebody may have written anything into them. */
export function lineageOf(given: Record<string, string>): Lineage {
  const hops = Number(given[annotations.hops])
  const text = (name: 'via' | 'causationid' | 'correlationid') => {
    const value = given[annotations[name]]
    return value ? { [name]: value } : {}
  }
  return {
    ...(Number.isInteger(hops) && hops > 0 && hops < 10_000 && { hops }),
    ...text('via'),
    ...text('causationid'),
    ...text('correlationid'),
  }
}
