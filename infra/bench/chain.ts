import type { Bench } from './bench.ts'
import { type Chain, naiveChain, ourChain } from './chain-stands.ts'
import { atRest, drain, empty } from './drain.ts'
import { newEvents } from './load.ts'
import { accountFor } from './receiver.ts'
import { eventsPerRequest } from './requests.ts'
import { cpuLine, cpuRow, drained, thousands } from './result.ts'
import { interleaved, type Sample } from './rounds.ts'
import { judged } from './row.ts'

type Drained = Sample & { deliveries: number; repeats: number }

/** The whole chain from preloaded events to a sink on this machine, against the naive one. */
export const chain: Bench = async effort => {
  const ours = await ourChain()
  const naive = await naiveChain()
  try {
    const samples = await interleaved(
      { naive: () => once(naive, 1_500 * effort.size), ours: () => once(ours, 20_000 * effort.size) },
      { ...effort, rounds: Math.ceil(effort.rounds * 0.6) },
    )
    const against = { name: 'the naive chain', samples: samples.naive }
    return {
      rows: [
        drained('chain-naive', samples.naive),
        judged(drained('chain-drain', samples.ours, against), { atLeast: 20 }),
        cpuRow('chain-cpu', samples.ours, against),
      ],
      notes: [
        cpuLine('naive', samples.naive),
        cpuLine('ours', samples.ours),
        account('naive', samples.naive),
        account('ours', samples.ours),
        ...Object.entries(eventsPerRequest(await ours.metrics())).map(
          ([trigger, events]) => `${trigger}: ${events.toFixed(1)} events a request`,
        ),
      ],
    }
  } finally {
    await Promise.all([ours.stand.close(), naive.stand.close()])
  }
}

async function once({ stand, sink, readers, expected }: Chain, many: number): Promise<Drained> {
  const events = newEvents(many)
  const keys = expected(events)
  const sample = await drain(stand, { events, readers, done: () => sink.until(keys.length) })
  await atRest(stand, ['ops', 'deliveries'])
  const repeats = accountFor(keys, await sink.ledger())
  await sink.reset()
  await empty(stand, ['ops', 'deliveries'])
  return { ...sample, deliveries: keys.length, repeats }
}

function account(name: string, samples: Drained[]): string {
  const sum = (of: (sample: Drained) => number) => samples.reduce((total, sample) => total + of(sample), 0)
  const [events, deliveries] = [sum(sample => sample.events), sum(sample => sample.deliveries)]
  const each = (deliveries / events).toFixed(2)
  return `${name}: ${thousands(events)} events made ${thousands(deliveries)} deliveries (${each} each): 0 lost, ${sum(({ repeats }) => repeats)} came twice`
}
