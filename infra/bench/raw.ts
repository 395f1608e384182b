import { AckPolicy, jetstream } from '@nats-io/jetstream'
import { meter } from './cpu.ts'
import { empty, preload } from './drain.ts'
import { newEvents } from './load.ts'
import type { Sample } from './rounds.ts'
import type { Stand } from './stand.ts'

/**
 * The limit of what one process can take from a stream: the client's consume() with a callback, which parses each
 * event and acknowledges it, and does nothing else. Runs in this process.
 */
export async function rawPull(stand: Stand, many: number): Promise<Sample> {
  await preload(stand, newEvents(many))
  await stand.jsm.consumers.add('ops', {
    durable_name: 'raw',
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 4096,
  })
  const consumer = await jetstream(stand.nc).consumers.get('ops', 'raw')
  const ids = new Set<string>()
  const { promise, resolve } = Promise.withResolvers<void>()
  const { nats = 0 } = stand.pids()
  const stop = meter({ nats, raw: process.pid })
  const messages = await consumer.consume({
    max_messages: 500,
    callback: message => {
      ids.add(message.json<{ id: string }>().id)
      message.ack()
      if (ids.size === many) resolve()
    },
  })
  await promise
  const used = stop()
  await messages.close()
  await stand.jsm.consumers.delete('ops', 'raw')
  await empty(stand, ['ops'])
  return { events: many, ...used }
}
