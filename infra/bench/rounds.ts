import { setTimeout as pause } from 'node:timers/promises'
import { meter } from './cpu.ts'
import { median } from './stats.ts'

/** What one variant did in one round. `cpu` in seconds by process; `others` in cores, of everything that is not ours. */
export type Sample = { events: number; seconds: number; cpu: Record<string, number>; others: number }

/**
 * How thoroughly: rounds that count, a factor for their sizes, and how many ms all of them together may still wait for
 * a quiet machine.
 */
export type Effort = { rounds: number; size: number; patience: { left: number } }

/** Of a share of a core that others take, from here on a round is noisy. */
const noisy = 0.3

/**
 * Runs the variants in turn, round by round, so that a change of the machine's pace meets all alike; the first round
 * warms up and does not count. Noisy rounds are left out of a variant's samples as long as a quiet one is there.
 */
export async function interleaved<T extends Sample, N extends string>(
  variants: Record<N, () => Promise<T>>,
  { rounds, patience }: Effort,
): Promise<Record<N, T[]>> {
  const names = Object.keys(variants) as N[]
  const samples = Object.fromEntries(names.map(name => [name, [] as T[]])) as Record<N, T[]>
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      if (round > 0) await untilQuiet(patience)
      const sample = await variants[name]()
      if (round > 0) samples[name].push(sample)
    }
  }
  for (const name of names) samples[name] = quietOf(samples[name])
  return samples
}

async function untilQuiet(patience: { left: number }): Promise<void> {
  while (patience.left > 0) {
    const stop = meter({ bench: process.pid })
    await pause(150)
    if (!(stop().others > noisy)) return
    patience.left -= 150
  }
}

/** The samples of quiet rounds, or all where no round was. */
export function quietOf<T extends Sample>(samples: T[]): T[] {
  const quiet = samples.filter(({ others }) => !(others > noisy))
  return quiet.length > 0 ? quiet : samples
}

/** Events a second of each sample. */
export const ratesOf = (samples: Sample[]) => samples.map(({ events, seconds }) => events / seconds)

/** Microseconds of CPU an event, by process: the median over the samples. */
export function cpuPerEvent(samples: Sample[]): Record<string, number> {
  const names = Object.keys(samples[0]?.cpu ?? {})
  const of = (name: string) =>
    median(samples.map(({ cpu, events }) => ((cpu[name] ?? Number.NaN) / events) * 1e6))
  return Object.fromEntries(names.map(name => [name, of(name)]))
}

/** The whole of it: of the processes that belong to what is measured, so without `bench` and `load`. */
export function totalOf(cpu: Record<string, number>): number {
  return Object.entries(cpu)
    .filter(([name]) => name !== 'bench' && name !== 'load')
    .reduce((sum, [, value]) => sum + value, 0)
}
