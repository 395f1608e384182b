import type { OpsEvent } from '../../shared/event.ts'
import { messageOf } from '../../shared/log.ts'
import { RefusedObject, UnreadableObject } from '../../shared/objects.ts'
import { Order, orderType } from '../../shared/orders.ts'
import { drop, type Outcome, retry } from '../../shared/outcome.ts'
import { carryOut } from './carry-out.ts'
import type { World } from './world.ts'

/** Reads the order that an event holds; undefined where it is none. */
export function orderOf(event: OpsEvent): Order | { problem: string } {
  if (event.type !== orderType) return { problem: `it is of type "${event.type}", not "${orderType}"` }
  const read = Order.safeParse(event.data)
  if (read.success) return read.data
  const [issue] = read.error.issues
  return { problem: `${issue?.path.join('.') || 'its data'}: ${issue?.message}` }
}

/** Carries out the orders that events hold, each by itself, and says of each what became of it. */
export const carryOutAll =
  (world: World) =>
  (events: OpsEvent[]): Promise<Outcome[]> =>
    Promise.all(events.map(event => outcomeOf(event, world)))

async function outcomeOf(event: OpsEvent, world: World): Promise<Outcome> {
  const order = orderOf(event)
  if ('problem' in order) return drop(`It is no order that can be read: ${order.problem}`)
  const about = { order: order.order, kind: order.kind, run: `${order.namespace}/${order.name}` }
  const outcome = await carryOut(order, world).catch(error => refusalOf(error))
  const reason = outcome.kind === 'done' ? undefined : outcome.reason
  world.log.info({ ...about, outcome: outcome.kind, ...(reason && { reason }) }, 'Order carried out')
  return outcome
}

/** An object that can never be read or made is not tried again; whatever else happens may be over next time. */
function refusalOf(error: unknown): Outcome {
  if (error instanceof UnreadableObject || error instanceof RefusedObject) return drop(error.message)
  return retry(messageOf(error), { after: afterOf(error) })
}

/** The pause that an API server asks for with its 429. */
const afterOf = (error: unknown): number | undefined =>
  error instanceof Error && 'after' in error && typeof error.after === 'number' ? error.after : undefined
