import type { Bench } from './bench.ts'
import { atRest, drain, empty } from './drain.ts'
import { firingByKind, hooksOf } from './hooks.ts'
import { type Load, newEvents } from './load.ts'
import { rawPull } from './raw.ts'
import { cpuLine, drained } from './result.ts'
import { interleaved, type Sample } from './rounds.ts'
import { judged } from './row.ts'
import { openStand, type Stand, secrets } from './stand.ts'

/** The bridge before hook-evaluate with a thousand hooks of which nearly none fires, against the raw limit. */
export const evaluate: Bench = async effort => {
  const raw = await openStand()
  const ours = await openStand()
  const set = hooksOf(1000, 'seldom', { url: 'http://127.0.0.1:9', key: secrets.seal })
  const firing = firingByKind(set.hooks)
  try {
    await ours.putInForce(set)
    const { url } = await ours.door('hook-evaluate')
    const { child } = await ours.door('bridge', { HOOK_EVALUATE_URL: url })
    const samples = await interleaved(
      {
        raw: () => rawPull(raw, 40_000 * effort.size),
        ours: () => evaluated(ours, { events: newEvents(30_000 * effort.size), readers: [child] }, firing),
      },
      effort,
    )
    const against = { name: 'raw pull, parse and ack', samples: samples.raw }
    return {
      rows: [judged(drained('bridge-evaluate', samples.ours, against), { atLeast: 0.35 })],
      notes: [cpuLine('raw', samples.raw), cpuLine('bridge-evaluate', samples.ours)],
    }
  } finally {
    await Promise.all([raw.close(), ours.close()])
  }
}

async function evaluated(
  stand: Stand,
  about: { events: Load[]; readers: Parameters<typeof drain>[1]['readers'] },
  firing: string[][],
): Promise<Sample> {
  const sample = await drain(stand, { ...about, done: () => atRest(stand, ['ops']) })
  const expected = about.events.reduce((sum, { kind }) => sum + (firing[kind]?.length ?? 0), 0)
  const { state } = await stand.jsm.streams.info('deliveries')
  if (state.messages !== expected)
    throw new Error(
      `${expected} deliveries were expected of ${about.events.length} events, ${state.messages} came`,
    )
  await empty(stand, ['ops', 'deliveries'])
  return sample
}
