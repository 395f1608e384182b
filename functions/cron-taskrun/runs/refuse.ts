import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome, retry } from '../../../shared/outcome.ts'
import type { World } from '../world.ts'
import { find } from './find.ts'

/** Says in the status of an object that what it asks for can never be. A run that is under way or over stays so. */
export async function refuse(
  order: Extract<Order, { order: 'refuse' }>,
  world: Pick<World, 'objects'>,
): Promise<Outcome> {
  const run = await find(order, world)
  if (!run) return done
  const { runStatus, message } = run.status
  if (runStatus === 'DataInValid' && message === order.reason) return done
  if (runStatus && runStatus !== 'DataInValid' && !run.spec.crontab) return done
  const refused = { ...run.status, runStatus: 'DataInValid' as const, message: order.reason }
  if (await world.objects.putStatus(run, refused)) return done
  return retry('Its status was written by somebody else in between', { attempted: false, after: 1_000 })
}
