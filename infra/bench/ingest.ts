import { z } from 'zod'
import type { Bench } from './bench.ts'
import { meter } from './cpu.ts'
import { empty } from './drain.ts'
import { thousands } from './result.ts'
import { cpuPerEvent, interleaved, ratesOf, type Sample } from './rounds.ts'
import { judged } from './row.ts'
import { openStand, type Stand, secrets } from './stand.ts'
import { median } from './stats.ts'

type Posted = Sample & { p50: number; p99: number }
type Variant = { stand: Stand; url: string; poster: string }
const Result = z.object({ taken: z.number(), failed: z.number(), p50: z.number(), p99: z.number() })

/** Posts that are answered when JetStream holds the event: the requests for which a second of CPU is enough. */
export const ingest: Bench = async effort => {
  const ours = await variant(
    async stand => (await stand.door('subject-ingest', { INGEST_RATE: '1000000' })).url,
  )
  const naive = await variant(stand => stand.framework('ingest', 'infra/bench/naive/ingest.ts', 'http'))
  const seconds = 2 * Math.sqrt(effort.size)
  try {
    const samples = await interleaved(
      { naive: () => posted(naive, seconds), ours: () => posted(ours, seconds) },
      effort,
    )
    const value = perCpuSecond(samples.ours, 'subject-ingest')
    const ratio = value / perCpuSecond(samples.naive, 'ingest')
    const row = {
      ...{ name: 'ingest', value, unit: 'requests/CPU s', ratio },
      against: 'the naive function under functions-framework',
    }
    return {
      rows: [judged(row, { atLeast: 5 })],
      notes: [noteOf('ours', samples.ours), noteOf('naive', samples.naive)],
    }
  } finally {
    await Promise.all([ours.stand.close(), naive.stand.close()])
  }
}

async function variant(open: (stand: Stand) => Promise<string>): Promise<Variant> {
  const stand = await openStand()
  const url = await open(stand)
  return { stand, url, poster: await stand.print('load', 'infra/bench/poster.ts', { TOKEN: secrets.server }) }
}

async function posted({ stand, url, poster }: Variant, seconds: number): Promise<Posted> {
  const stop = meter(stand.pids())
  const answered = await fetch(`${poster}/?url=${encodeURIComponent(url)}&seconds=${seconds}`)
  const { taken, failed, p50, p99 } = Result.parse(await answered.json())
  const used = stop()
  const { state } = await stand.jsm.streams.info('ops')
  if (failed > 0 || state.messages !== taken)
    throw new Error(
      `${taken} requests were answered with 200 and ${failed} otherwise, ${state.messages} events are stored`,
    )
  await empty(stand, ['ops'])
  return { events: taken, ...used, p50, p99 }
}

const perCpuSecond = (samples: Posted[], process: string) =>
  1e6 / (cpuPerEvent(samples)[process] ?? Number.NaN)

function noteOf(name: string, samples: Posted[]): string {
  const of = (read: (sample: Posted) => number) => thousands(median(samples.map(read)))
  const each = Object.entries(cpuPerEvent(samples)).map(
    ([process, value]) => `${process} ${value.toFixed(1)}`,
  )
  return [
    `${name}: ${thousands(median(ratesOf(samples)))} requests/s, p50 ${of(({ p50 }) => p50)} ms, p99 ${of(({ p99 }) => p99)} ms`,
    `CPU us/request ${each.join(', ')}`,
  ].join('; ')
}
