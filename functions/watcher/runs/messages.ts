import type { Message } from '../../../shared/adapters/publisher.ts'
import { described } from '../../../shared/described.ts'
import { type OpsEvent, ownSource } from '../../../shared/event.ts'
import { eventMessage } from '../../../shared/event-message.ts'
import { apiVersion } from '../../../shared/hook.ts'
import { idOf } from '../../../shared/id.ts'
import { type Order, orderEvent } from '../../../shared/orders.ts'
import { resources } from '../../../shared/resources.ts'
import { resourceSubject } from '../../../shared/subject.ts'
import type { Due } from './schedule.ts'
import { about, type SeenRun } from './seen.ts'
import type { Wanted } from './wanted.ts'

/** What an order or an event is told with. */
type About = { cluster: string; now: number }

/** An order for the stream `runs`. */
export const orderMessage = ({ order, what }: Wanted, { cluster, now }: About): Message =>
  eventMessage(orderEvent(order, { what, cluster, now: new Date(now) }))

/** The order to start what is due. */
export function dueOrder(seen: SeenRun, due: number): Wanted {
  const time = isoOf(due)
  const order: Order = { order: 'due', ...about(seen), due: time }
  return { order, what: time }
}

/** Tells that a schedule missed runs; two watchers that see the same outage tell of it once. */
export function missedMessage(
  seen: SeenRun,
  { orders, missed }: Due & { missed: NonNullable<Due['missed']> },
  { cluster, now }: About,
): Message {
  const { kind, namespace, name, uid } = seen
  const [first, last] = [isoOf(missed.first), isoOf(missed.last)]
  const runs = missed.count === 1 ? '1 run was' : `${missed.count} runs were`
  const when = missed.count === 1 ? `at ${first}` : `from ${first} to ${last}`
  const then = orders.map(due => `the one of ${isoOf(due)} is started late`).join('')
  const late =
    seen.startingDeadline === undefined
      ? ''
      : ` within ${seen.startingDeadline / 1_000} s (startingDeadlineSeconds)`
  const made: OpsEvent & { subject: string } = {
    specversion: '1.0',
    id: idOf('missed', uid, last),
    source: ownSource,
    type: 'Kube',
    subject: resourceSubject({
      cluster,
      namespace,
      plural: resources[kind].plural,
      name,
      observation: 'events',
    }),
    time: isoOf(now),
    datacontenttype: 'application/json',
    cluster,
    data: {
      cluster,
      type: 'Warning',
      reason: 'MissedSchedule',
      eventTime: isoOf(now),
      from: 'watcher',
      message: `${runs} due ${when} and skipped, since nobody could start them${late}${then && `; ${then}`}`,
      ...{ kind, apiVersion, namespace, name, uid, count: missed.count, firstTime: first, lastTime: last },
      operation: 'ADDED',
    },
  }
  return eventMessage(described(made))
}

const isoOf = (time: number) => new Date(time).toISOString()
