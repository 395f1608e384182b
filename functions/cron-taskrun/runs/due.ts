import type { Stored } from '../../../shared/objects.ts'
import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome, retry } from '../../../shared/outcome.ts'
import { hasEnded, type RunKind } from '../../../shared/runs.ts'
import { abort, isToEnd } from '../abort.ts'
import type { World } from '../world.ts'
import { dueDraft, dueName, scheduledChildren } from './child.ts'
import { find } from './find.ts'
import { surplus } from './history.ts'
import { isActedOn } from './retire.ts'
import { skippedEvent } from './skipped.ts'

type Due = Extract<Order, { order: 'due' }>

const mostTurns = 10

/** Makes the run of an object with a crontab that is due, as its concurrencyPolicy has it, and writes down that it did. */
export async function due(order: Due, world: World): Promise<Outcome> {
  const parent = await find(order, world)
  if (!parent?.spec.crontab || parent.spec.suspend || parent.metadata.deletionTimestamp) return done
  if (isActedOn(parent, order.due, world.now())) return done
  const children = await scheduledChildren(parent, world.objects)
  const isMade = children.some(({ metadata }) => metadata.name === dueName(parent, order.due))
  if (!isMade) {
    const active = children.find(({ status }) => !hasEnded(status))
    if (active && parent.spec.concurrencyPolicy === 'Forbid') {
      await world.publish(skippedEvent(parent, skipping(order, active, world)))
      return writeDown(order, parent, world)
    }
    if (parent.spec.concurrencyPolicy === 'Replace') {
      const why = `Replaced by the run that was due at ${order.due}`
      for (const child of children.filter(one => isToEnd(one, why))) await abort(child, why, world)
    }
    await world.objects.create<RunKind>(dueDraft(parent, order.due))
  }
  const written = await writeDown(order, parent, world)
  if (written.kind === 'done') {
    for (const child of surplus(children, parent.spec)) await world.objects.remove(child)
  }
  return written
}

const skipping = ({ due }: Due, active: Stored<RunKind>, { settings, now }: World) => ({
  ...{ due, active: active.metadata.name, now: now() },
  cluster: settings.cluster,
})

/** A crontab that was wrong once is not any more. What was read of it before is good enough to write with, once. */
async function writeDown(order: Due, read: Stored<RunKind>, world: World): Promise<Outcome> {
  let parent: Stored<RunKind> | undefined = read
  for (let turn = 0; turn < mostTurns; turn++) {
    if (!parent || isActedOn(parent, order.due, world.now())) return done
    const { runStatus, message, ...rest } = parent.status
    const kept = runStatus === 'DataInValid' ? rest : parent.status
    if (await world.objects.putStatus(parent, { ...kept, lastScheduleTime: order.due })) return done
    parent = await find(order, world)
  }
  return retry('Others write the status of what was due', { after: 1_000 })
}
