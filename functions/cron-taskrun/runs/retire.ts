import type { Stored } from '../../../shared/objects.ts'
import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome, retry } from '../../../shared/outcome.ts'
import { annotations, hasEnded, labels, labelValue, type RunKind } from '../../../shared/runs.ts'
import type { World } from '../world.ts'
import { ageOf, find } from './find.ts'

/** Who asked for it may ask again for as long, after a crash: a run that is gone by then would be made a second time. */
const mayBeAskedAgain = 10 * 60_000

/** Removes a run that is over. */
export async function retire(
  order: Extract<Order, { order: 'retire' }>,
  world: Pick<World, 'objects' | 'now'>,
): Promise<Outcome> {
  const run = await find(order, world)
  if (!run || run.spec.crontab || !hasEnded(run.status)) return done
  const early = await whyKept(run, world)
  if (early) return early
  await world.objects.remove(run)
  return done
}

async function whyKept(
  run: Stored<RunKind>,
  { objects, now }: Pick<World, 'objects' | 'now'>,
): Promise<Outcome | undefined> {
  const { namespace, labels: given, annotations: noted, ownerReferences } = run.metadata
  const left = mayBeAskedAgain - ageOf(run, now())
  if (given[labels.hook] && left > 0)
    return retry('Its hook may still ask for it again', { attempted: false, after: left })
  const task = given[labels.pipelineTask]
  const pipeline = task && ownerReferences.find(({ kind }) => kind === 'PipelineRun')
  if (
    pipeline &&
    !(await isKnown(task, { ...pipeline, kind: 'PipelineRun' as const, namespace }, { objects }))
  )
    return retry('Its PipelineRun has yet to write down how it ended', { attempted: false, after: 5_000 })
  const due = noted[annotations.due]
  const parent = ownerReferences.find(({ kind }) => kind === run.kind)
  if (!due || !parent) return undefined
  const scheduled = await find({ kind: run.kind, namespace, name: parent.name, uid: parent.uid }, { objects })
  if (!scheduled || isActedOn(scheduled, due, now())) return undefined
  return retry('What it was made for is not written down yet', { attempted: false, after: 5_000 })
}

/** Does a PipelineRun know how a task of it ended, or is it gone or over itself? */
async function isKnown(
  task: string,
  of: { kind: 'PipelineRun'; namespace: string; name: string; uid: string },
  world: Pick<World, 'objects'>,
): Promise<boolean> {
  const run = await find(of, world)
  if (!run || hasEnded(run.status)) return true
  const entry = run.status.pipelineRunStatus?.find(({ name = '' }) => labelValue(name) === task)
  return hasEnded(entry?.taskRunStatus ?? {})
}

/** Whoever gives orders may have a clock that is ahead of ours by so much. */
const ahead = 60_000

/**
 * Is this due time, or a later one, behind an object with a crontab? One that lies ahead of now was written while
 * somebody's clock was wrong, and says nothing.
 */
export function isActedOn({ status }: Stored<RunKind>, due: string, now: Date): boolean {
  const last = Date.parse(status.lastScheduleTime ?? '')
  return last >= Date.parse(due) && last <= now.getTime() + ahead
}
