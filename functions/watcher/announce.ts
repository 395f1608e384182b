import { setTimeout as pause } from 'node:timers/promises'
import type { Message } from '../../shared/adapters/publisher.ts'
import type { Classify } from '../../shared/classify.ts'
import { described } from '../../shared/described.ts'
import { type OpsEvent, ownSource } from '../../shared/event.ts'
import { eventMessage } from '../../shared/event-message.ts'
import { idOf } from '../../shared/id.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { resourceSubject } from '../../shared/subject.ts'

/** The event by which an always-on part says that it handles a kind of resource from now on. */
export function setupEvent(about: {
  cluster: string
  namespace: string
  kind: string
  startedAt: Date
}): OpsEvent & { subject: string } {
  const { cluster, namespace, kind } = about
  const time = about.startedAt.toISOString()
  return {
    specversion: '1.0',
    id: idOf('controller', cluster, namespace, kind, time),
    source: ownSource,
    type: 'Controller',
    subject: resourceSubject({
      cluster,
      namespace,
      plural: 'controllers',
      name: kind,
      observation: 'status',
    }),
    time,
    datacontenttype: 'application/json',
    cluster,
    data: { cluster, kind, status: 'setup' },
  }
}

/** Publishes it, again and again until the bus holds it. */
export async function announce(
  event: OpsEvent & { subject: string },
  world: {
    publish(message: Message): Promise<unknown>
    classify?: Classify
    log: Log
  },
): Promise<void> {
  const message = eventMessage(described(event, world.classify))
  const { subject } = message
  for (;;) {
    try {
      await world.publish(message)
      return
    } catch (error) {
      world.log.warn({ subject, err: messageOf(error) }, 'Cannot publish the status event, trying again')
      await pause(1_000, undefined, { ref: false })
    }
  }
}
