import { jetstream } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import type { Bench } from './bench.ts'
import { meter } from './cpu.ts'
import { empty, publish } from './drain.ts'
import { type Load, newEvents } from './load.ts'
import { cpuLine, drained } from './result.ts'
import { interleaved, type Sample } from './rounds.ts'
import { openStand, type Stand } from './stand.ts'

/** Acknowledged publishes with 256 in flight: the product's publisher against the client library's own. */
export const publishing: Bench = async effort => {
  const stand = await openStand()
  const js = jetstream(stand.nc)
  try {
    const samples = await interleaved(
      {
        library: () =>
          published(stand, newEvents(20_000 * effort.size), ({ id, subject, payload }) => {
            const head = headers()
            head.set('content-type', mediaTypes.structured)
            return js.publish(subject, payload, { msgID: id, headers: head })
          }),
        ours: () => published(stand, newEvents(40_000 * effort.size), event => publish(stand, event)),
      },
      effort,
    )
    const against = { name: "the library's js.publish", samples: samples.library }
    return {
      rows: [drained('publish', samples.ours, against)],
      notes: [cpuLine("the library's", samples.library), cpuLine('ours', samples.ours)],
    }
  } finally {
    await stand.close()
  }
}

async function published(
  stand: Stand,
  events: Load[],
  send: (event: Load) => Promise<unknown>,
): Promise<Sample> {
  const { nats = 0 } = stand.pids()
  const stop = meter({ nats, publisher: process.pid })
  const waiting = events.values()
  async function run(): Promise<void> {
    // All runs take from the same iterator.
    for (const event of waiting) await send(event)
  }
  await Promise.all(Array.from({ length: 256 }, run))
  const used = stop()
  const { state } = await stand.jsm.streams.info('ops')
  if (state.messages !== events.length)
    throw new Error(`${events.length} were published, ${state.messages} are in the stream`)
  await empty(stand, ['ops'])
  return { events: events.length, ...used }
}
