import { z } from 'zod'

const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const
const written = /^(?:\d+(?:\.\d+)?(?:d|h|ms|m|s))+$/

/** Milliseconds of a duration as Go and Prometheus write it, such as `10m` or `1h30m`; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  if (!written.test(text)) return undefined
  let sum = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(d|h|ms|m|s)/g)) {
    sum += Number(number) * units[unit as keyof typeof units]
  }
  return sum
}

/** A duration in a resource, at least and at most so many milliseconds. */
export const duration = (least: number, most: number) =>
  z
    .string()
    .refine(
      text => {
        const ms = durationOf(text)
        return ms !== undefined && ms >= least && ms <= most
      },
      `it has to be a duration from ${inWords(least)} to ${inWords(most)}, such as 10m`,
    )
    // The API server checks the writing, and the watcher the length too.
    .meta({ pattern: written.source })

/** Milliseconds as people read them: `4m10s`. */
export function inWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`
  let rest = Math.round(ms / 1_000)
  let text = ''
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    if (rest >= seconds) text += `${Math.floor(rest / seconds)}${unit}`
    rest %= seconds
  }
  return text
}
