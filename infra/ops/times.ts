import { durationOf, inWords } from '../../shared/duration.ts'
import { misused, Trouble } from './client.ts'

/** Milliseconds of `90m`, `2h` or `3d`. @throws Trouble naming the option */
export function lengthOf(text: string, option: string): number {
  const hours = text.replace(/^(\d+)d/, (_, days) => `${Number(days) * 24}h`)
  const length = durationOf(hours)
  if (length === undefined)
    throw new Trouble(misused, `--${option} is "${text}", it has to be a duration such as 90m, 2h or 3d`)
  return length
}

/** Unix milliseconds of a time (RFC 3339), or of so long before `now`. @throws Trouble naming the option */
export function momentOf(text: string, option: string, now: number): number {
  const isTime = /^\d{4}-\d\d-\d\d/.test(text)
  const time = isTime ? Date.parse(text) : now - lengthOr(text, option)
  if (Number.isNaN(time)) throw new Trouble(misused, momentProblem(text, option))
  return time
}

function lengthOr(text: string, option: string): number {
  try {
    return lengthOf(text, option)
  } catch {
    throw new Trouble(misused, momentProblem(text, option))
  }
}

const momentProblem = (text: string, option: string) =>
  `--${option} is "${text}", it has to be a time such as 2026-01-31T12:00:00Z, or how long ago, such as 2h`

/** How long something took; nothing where it has not ended. */
export function tookOf(from: string | undefined, to: string | undefined): string {
  const took = Date.parse(to ?? '') - Date.parse(from ?? '')
  return Number.isNaN(took) ? '' : inWords(Math.max(took, 0))
}
