import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

/** An event as it lies on the bus. */
export type OnBus = { id: string; subject: string; type: string; time: string; data: Record<string, unknown> }

/** Everything that lies on the bus, in order. */
export async function eventsOn(nc: NatsConnection, filter = 'ops.>'): Promise<OnBus[]> {
  const info = await (await jetstreamManager(nc)).streams.info('ops')
  const consumer = await jetstream(nc).consumers.get('ops', { filter_subjects: filter })
  const pending = (await consumer.info()).num_pending
  if (info.state.messages === 0 || pending === 0) return []
  const found: OnBus[] = []
  const messages = await consumer.consume({ max_messages: 1_000 })
  for await (const message of messages) {
    found.push(eventOf(message))
    if (message.info.pending === 0) break
  }
  return found
}

const eventOf = (message: JsMsg): OnBus => ({ ...message.json<OnBus>(), subject: message.subject })
