import { cpuPerEvent, ratesOf, type Sample, totalOf } from './rounds.ts'
import type { Row } from './row.ts'
import { median, spread } from './stats.ts'

/** A rate, against that of another variant of the same rounds, or by itself. */
export function drained(name: string, samples: Sample[], against?: { name: string; samples: Sample[] }): Row {
  const value = median(ratesOf(samples))
  const other = against ? median(ratesOf(against.samples)) : value
  return { name, value, unit: 'events/s', against: against?.name ?? 'itself', ratio: value / other }
}

/** CPU of all processes an event, against that of another variant: what moves least when the machine is shared. */
export function cpuRow(name: string, samples: Sample[], against: { name: string; samples: Sample[] }): Row {
  const value = totalOf(cpuPerEvent(samples))
  const ratio = totalOf(cpuPerEvent(against.samples)) / value
  return { name, value, unit: 'us CPU/event', against: `${against.name}, times as much`, ratio }
}

/** Range of the rates and where the CPU went, on one line. */
export function cpuLine(name: string, samples: Sample[]): string {
  const { least, most } = spread(ratesOf(samples))
  const cpu = cpuPerEvent(samples)
  const each = Object.entries(cpu).map(([process, value]) => `${process} ${value.toFixed(1)}`)
  const others = spread(samples.map(sample => sample.others))
  return [
    `${name}: ${thousands(least)} to ${thousands(most)} events/s in ${samples.length} rounds`,
    `CPU us/event ${each.join(', ')} = ${totalOf(cpu).toFixed(1)}`,
    `others took ${others.median.toFixed(2)} cores (${others.most.toFixed(2)} at most)`,
  ].join('; ')
}

/** 12,345 or 1.23: with as many digits as say something. */
export const thousands = (value: number) =>
  value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 })
