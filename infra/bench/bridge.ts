import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ownTriggers } from '../../functions/bridge/triggers.ts'
import type { Bench } from './bench.ts'
import { atRest, drain, empty } from './drain.ts'
import { hooksOf } from './hooks.ts'
import { newEvents } from './load.ts'
import { rawPull } from './raw.ts'
import { accountFor, openReceiver } from './receiver.ts'
import { cpuLine, drained } from './result.ts'
import { interleaved, type Sample } from './rounds.ts'
import { judged } from './row.ts'
import { openStand, type Stand, secrets } from './stand.ts'

type Differing = { batch?: number; concurrency?: number; ordered?: boolean }
type Variant = { run(): Promise<Sample>; close(): Promise<void> }

/** The bridge before a sink that only answers, with batches and with single events, against the raw limit. */
export const bridge: Bench = async effort => {
  const raw = await openStand()
  const batch = await variant({}, 40_000 * effort.size)
  const single = await variant({ batch: 1, concurrency: 64, ordered: false }, 10_000 * effort.size)
  try {
    const samples = await interleaved(
      { raw: () => rawPull(raw, 40_000 * effort.size), batch: batch.run, single: single.run },
      effort,
    )
    const against = { name: 'raw pull, parse and ack', samples: samples.raw }
    return {
      rows: [
        drained('raw', samples.raw),
        judged(drained('bridge-batch', samples.batch, against), { atLeast: 0.45 }),
        judged(drained('bridge-single', samples.single, against), { atLeast: 0.12 }),
      ],
      notes: [
        cpuLine('raw', samples.raw),
        cpuLine('bridge-batch', samples.batch),
        cpuLine('bridge-single', samples.single),
      ],
    }
  } finally {
    await Promise.all([raw, batch, single].map(one => one.close()))
  }
}

async function variant(how: Differing, many: number): Promise<Variant> {
  const stand = await openStand()
  const sink = await openReceiver(stand)
  await stand.putInForce(hooksOf(1000, 'seldom', { url: sink.url, key: secrets.seal }))
  const { child } = await stand.door('bridge', { TRIGGERS_FILE: await triggersFile(stand, sink.url, how) })
  return {
    close: stand.close,
    async run() {
      const events = newEvents(many)
      const sample = await drain(stand, { events, readers: [child], done: () => sink.until(many) })
      await atRest(stand, ['ops'])
      accountFor(
        events.map(({ id }) => id),
        await sink.ledger(),
      )
      await sink.reset()
      await empty(stand, ['ops'])
      return sample
    },
  }
}

// The trigger of hook-evaluate as it is, but for its sink and what differs.
async function triggersFile(stand: Stand, uri: string, how: Differing): Promise<string> {
  const file = join(stand.dir, 'triggers.yaml')
  const triggers = ownTriggers({ HOOK_EVALUATE_URL: uri }).map(({ delivery: _, ...own }) => ({
    ...own,
    ...how,
  }))
  await writeFile(file, JSON.stringify(triggers))
  return file
}
