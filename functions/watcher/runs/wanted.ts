import { hash } from 'node:crypto'
import type { Order } from '../../../shared/orders.ts'
import { hasEnded, labelValue } from '../../../shared/runs.ts'
import { about, isRun, type Seen, type SeenPlace, type SeenRun } from './seen.ts'

/**
 * An order that is to be given, and what tells it from the next of the same object (shared/orders.ts); with `patience`
 * when it has been wanted for so many ms.
 */
export type Wanted = { order: Order; what: string; patience?: number }

/** What belongs to a run: the Jobs of a TaskRun, and the TaskRuns of a PipelineRun; those that are gone have ended. */
export type Belongings = {
  jobs: { name: string; uid: string; ended: boolean }[]
  parts: { task: string; uid: string; ended: boolean }[]
  /** Whether all that there is of them was seen. */
  complete: boolean
}

/** What is wanted now, and when to look again if nothing changes before. */
export type Verdict = { wanted: Wanted[]; again: number | undefined }

/** A run that nobody says otherwise of is kept for so long when it has ended. */
const day = 86_400_000
/** Whoever starts a run writes its status first: what belongs to it takes a moment to be there, and to be seen. */
const patience = 300_000
const probeEvery = 300_000

/** The orders that an object without a crontab wants by how it stands. */
export function ordersFor(
  seen: Seen,
  known: { belongings: Belongings; probedUntil: number },
  now: number,
): Verdict {
  if (!isRun(seen)) return probes(seen, known.probedUntil, now)
  if (seen.crontab !== undefined) return { wanted: [], again: undefined }
  if (seen.runStatus === undefined)
    return { wanted: [{ order: { order: 'start', ...about(seen) }, what: '' }], again: undefined }
  if (hasEnded(seen)) return retirement(seen, now)
  if (seen.runStatus !== 'Running') return { wanted: [], again: undefined }
  const { wanted, again } = overdue(seen, now)
  return { wanted: [...wanted, ...ended(seen, known.belongings), ...advances(seen, known.belongings)], again }
}

/** The order that ends a run which was deleted while it ran. */
export function farewell(seen: Seen): Wanted | undefined {
  if (!isRun(seen) || seen.runStatus !== 'Running') return undefined
  return { order: { order: 'gone', ...about(seen) }, what: '' }
}

/** Refuses what can never be, unless its status says so already. */
export function refusal(seen: SeenRun, reason: string): Verdict {
  const told = seen.runStatus === 'DataInValid' && seen.message?.includes(reason)
  const order = { order: 'refuse', ...about(seen), reason } as const
  return { wanted: told ? [] : [{ order, what: String(seen.generation) }], again: undefined }
}

function overdue(seen: SeenRun, now: number): Verdict {
  const { deadline } = seen
  if (!deadline) return { wanted: [], again: undefined }
  if (now < deadline.at) return { wanted: [], again: deadline.at }
  return { wanted: [{ order: { order: 'overdue', ...about(seen) }, what: deadline.text }], again: undefined }
}

/** Runs of a schedule go by its history limits, and those of a PipelineRun with it. */
function retirement(seen: SeenRun, now: number): Verdict {
  const ttl = seen.ttl ?? (seen.scheduledBy || seen.part ? undefined : day)
  if (ttl === undefined) return { wanted: [], again: undefined }
  const at = (seen.completed ?? seen.started ?? seen.created) + ttl
  if (now < at) return { wanted: [], again: at }
  return { wanted: [{ order: { order: 'retire', ...about(seen) }, what: String(at) }], again: undefined }
}

function ended(seen: SeenRun, { jobs, complete }: Belongings): Wanted[] {
  if (seen.kind !== 'TaskRun') return []
  const order = (job: string): Order => ({ order: 'ended', ...about(seen), kind: 'TaskRun', job })
  const over = jobs.filter(job => job.ended).map(job => ({ order: order(job.name), what: job.uid }))
  // Those that went while nobody watched are told of by nobody else.
  const lost = seen.executor === 'kubernetes' && complete && jobs.length === 0
  return lost ? [{ order: order(seen.name), what: 'none', patience }] : over
}

function advances(seen: SeenRun, { parts, complete }: Belongings): Wanted[] {
  if (seen.kind !== 'PipelineRun') return []
  const order = (task: string): Order => ({ order: 'advance', ...about(seen), kind: 'PipelineRun', task })
  // What its status says of the end of a task it was told.
  const isKnown = (task: string) => seen.tasks.some(one => labelValue(one.name) === task && hasEnded(one))
  const isThere = (name: string) => parts.some(part => part.task === labelValue(name))
  const over = parts.filter(part => part.ended && part.task !== '' && !isKnown(part.task))
  const lost = seen.tasks.filter(one => complete && one.runStatus === 'Running' && !isThere(one.name))
  return [
    ...over.map(part => ({ order: order(part.task), what: part.uid })),
    ...lost.map(({ name }) => ({ order: order(name), what: 'none', patience })),
  ]
}

/** Every five minutes, at a second of its own so that dozens do not come at once; a new one at once. */
function probes(seen: SeenPlace, until: number, now: number): Verdict {
  const { kind, namespace, name, uid } = seen
  const offset = (Number.parseInt(hash('sha256', uid).slice(0, 8), 16) % (probeEvery / 1_000)) * 1_000
  const slot = Math.floor((now - offset) / probeEvery) * probeEvery + offset
  const order = (due: number, what: string): Wanted => ({
    order: { order: 'probe', kind, namespace, name, uid, due: new Date(due).toISOString() },
    what,
  })
  return {
    wanted: [
      ...(seen.probed ? [] : [order(seen.created, 'first')]),
      ...(slot > until ? [order(slot, String(slot))] : []),
    ],
    again: slot + probeEvery,
  }
}
