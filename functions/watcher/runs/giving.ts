import type { Message } from '../../../shared/adapters/publisher.ts'
import type { Order } from '../../../shared/orders.ts'
import { dueOrder, missedMessage, orderMessage } from './messages.ts'
import type { Due } from './schedule.ts'
import type { SeenRun } from './seen.ts'
import type { Wanted } from './wanted.ts'

export type GivingWorld = {
  cluster: string
  /** Resolves when the bus holds it, and says whether it did before. */
  publish(message: Message): Promise<{ duplicate: boolean }>
  /** An order is on the bus that was not there before. */
  ordered(order: Order['order']): void
  /** So many runs were missed, and that was told. */
  missed(runs: number): void
  /** Unix ms. */
  wall(): number
}

/** Puts orders on the bus; each call resolves when it holds all of them. */
export function givingBy(world: GivingWorld): {
  give(wanted: Wanted): Promise<void>
  giveDue(seen: SeenRun, due: Due): Promise<void>
} {
  const about = () => ({ cluster: world.cluster, now: world.wall() })

  async function give(wanted: Wanted): Promise<void> {
    const { duplicate } = await world.publish(orderMessage(wanted, about()))
    if (!duplicate) world.ordered(wanted.order.order)
  }

  return {
    give,
    async giveDue(seen, { orders, missed }) {
      await Promise.all(orders.map(time => give(dueOrder(seen, time))))
      if (!missed) return
      const { duplicate } = await world.publish(missedMessage(seen, { orders, missed }, about()))
      if (!duplicate) world.missed(missed.count)
    },
  }
}
