import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { type Chain, ourChain } from './chain-stands.ts'
import { clock } from './clock.ts'
import { meter } from './cpu.ts'
import { atRest, empty, publish } from './drain.ts'
import { type Load, newEvents } from './load.ts'
import { accountFor } from './receiver.ts'
import { thousands } from './result.ts'
import { cpuPerEvent, interleaved, type Sample, totalOf } from './rounds.ts'
import { judged, type Row } from './row.ts'
import { median, percentile } from './stats.ts'

const rates = [250, 1_000, 2_500]
const seconds = 3
/** Of the first part of a run nothing is counted: caches and queues fill. */
const warmUp = 0.25

type Paced = Sample & { p50: number; p99: number; most: number; repeats: number }

/** How long an event takes from its publisher to the sink, at steady rates. */
export const paced: Bench = async effort => {
  const ours = await ourChain()
  try {
    const samples = await interleaved(
      Object.fromEntries(
        rates.map(rate => [`${rate}`, () => once(ours, rate, seconds * Math.sqrt(effort.size))]),
      ),
      { ...effort, rounds: Math.ceil(effort.rounds * 0.6) },
    )
    const each = rates.map(rate => ({ rate, samples: samples[rate] ?? [] }))
    return { rows: each.map(rowOf), notes: each.map(noteOf) }
  } finally {
    await ours.stand.close()
  }
}

type Run = { rate: number; samples: Paced[] }

function rowOf({ rate, samples }: Run): Row {
  const value = median(samples.map(({ p99 }) => p99))
  const p50 = median(samples.map(sample => sample.p50))
  const row = { name: `chain-paced-${rate} p99`, value, unit: 'ms', against: 'its p50', ratio: value / p50 }
  return rate === 2_500 ? judged(row, { of: 'value', atMost: 10 }) : row
}

function noteOf({ rate, samples }: Run): string {
  const of = (read: (sample: Paced) => number) => thousands(median(samples.map(read)))
  const cpu = cpuPerEvent(samples)
  const each = Object.entries(cpu).map(([process, value]) => `${process} ${value.toFixed(0)}`)
  return [
    `${rate}/s: ${of(({ events, seconds }) => events / seconds)} reached, p50 ${of(({ p50 }) => p50)} ms, p99 ${of(({ p99 }) => p99)} ms, most ${of(({ most }) => most)} ms`,
    `CPU us/event ${each.join(', ')} = ${totalOf(cpu).toFixed(0)}`,
    `0 lost, ${samples.reduce((sum, { repeats }) => sum + repeats, 0)} came twice`,
  ].join('; ')
}

async function once({ stand, sink, expected }: Chain, rate: number, time: number): Promise<Paced> {
  const events = newEvents(Math.round(rate * time))
  const keysOf = new Map(events.map(event => [event, expected([event])]))
  const sentAt = new Map<Load, number>()
  const stop = meter(stand.pids())
  await atPace(events, rate, event => {
    sentAt.set(event, clock())
    return publish(stand, event)
  })
  const keys = [...keysOf.values()].flat()
  await sink.until(keys.length)
  const used = stop()
  await atRest(stand, ['ops', 'deliveries'])
  const ledger = await sink.ledger()
  const repeats = accountFor(keys, ledger)
  const latencies = events.slice(events.length * warmUp).flatMap(event => {
    const since = sentAt.get(event) ?? Number.NaN
    return (keysOf.get(event) ?? []).map(key => (ledger.arrivals.get(key) ?? Number.NaN) - since)
  })
  await sink.reset()
  await empty(stand, ['ops', 'deliveries'])
  const [p50, p99, most] = [0.5, 0.99, 1].map(share => percentile(latencies, share))
  return { ...used, events: events.length, repeats, p50: p50 ?? 0, p99: p99 ?? 0, most: most ?? 0 }
}

/** Sends each when its time has come, whatever became of those before; resolves when all are taken. */
export async function atPace<T>(
  events: T[],
  rate: number,
  send: (event: T) => Promise<unknown>,
): Promise<void> {
  const start = performance.now()
  const sent: Promise<unknown>[] = []
  while (sent.length < events.length) {
    const due = ((performance.now() - start) / 1000) * rate
    for (const event of events.slice(sent.length, due)) sent.push(send(event))
    await pause(1)
  }
  await Promise.all(sent)
}
