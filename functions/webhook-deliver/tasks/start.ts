import { hash } from 'node:crypto'
import { type Message, PublishError } from '../../../shared/adapters/publisher.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import { eventMessage } from '../../../shared/event-message.ts'
import { descent } from '../../../shared/lineage.ts'
import { type Order, orderEvent } from '../../../shared/orders.ts'
import { done, drop, type Outcome, retry } from '../../../shared/outcome.ts'
import { childName } from '../../../shared/runs.ts'
import type { Allowance } from './allowance.ts'
import { type Given, givenBy } from './fill.ts'
import { namesOf } from './names.ts'
import type { Starting } from './open.ts'

/** What starting needs. `publish` rejects with a PublishError. */
export type Starter = {
  publish(message: Message): Promise<unknown>
  allowance: Allowance
  /** Unix milliseconds. */
  now(): number
  timeZone: string
  console?: string | undefined
}

/** Orders the run of a Task that a delivery asks for: one, however often that comes. */
export async function start(delivery: Delivery, to: Starting, starter: Starter): Promise<Outcome> {
  // What noise control tells is about events that were held back so that they start nothing.
  if (delivery.notice !== undefined) return done
  const { hook, task } = to
  const because = (reason: string) => `Hook "${hook.id}": ${reason}`
  const now = starter.now()
  const given = givenBy(to, namesOf(delivery, to, { ...starter, now }))
  if ('problem' in given) return drop(because(given.problem))
  const asked = { hook: hook.id, delivery: delivery.deliveryid, most: task.perHour, now }
  const next = await starter.allowance(asked)
  if (next !== undefined) {
    const runs = `${task.perHour} ${task.perHour === 1 ? 'run' : 'runs'} of Task "${task.ref}"`
    const when = new Date(next).toISOString()
    return drop(
      because(
        `it has started ${runs} within an hour, as many as options.maxPerHour allows: the next at ${when}`,
      ),
    )
  }
  try {
    await starter.publish(messageOf(orderOf(delivery, to, given), delivery, now))
    return done
  } catch (error) {
    if (!(error instanceof PublishError)) throw error
    return error.kind === 'refused' ? drop(because(error.message)) : retry(because(error.message))
  }
}

function orderOf(delivery: Delivery, { hook, task }: Starting, given: Given): Order {
  const { correlationid } = delivery
  return {
    order: 'create',
    kind: 'TaskRun',
    namespace: hook.namespace,
    name: childName(task.ref, suffixOf(delivery.deliveryid), 253),
    taskRef: task.ref,
    ...given,
    hook: hook.name,
    lineage: {
      ...descent(delivery, hook.id),
      ...(typeof correlationid === 'string' && correlationid !== '' && { correlationid }),
    },
  }
}

/** Ten hexadecimal digits of the delivery's id, which is a UUID of ours. */
function suffixOf(id: string): string {
  const [, first, second] = /^([0-9a-f]{8})-([0-9a-f]{2})/.exec(id) ?? []
  return first && second ? first + second : hash('sha256', id).slice(0, 10)
}

function messageOf(order: Order, { deliveryid, cluster }: Delivery, now: number): Message {
  const event = orderEvent(order, {
    what: deliveryid,
    cluster: typeof cluster === 'string' ? cluster : '',
    now: new Date(now),
  })
  return eventMessage(event)
}
