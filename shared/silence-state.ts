import { durationOf } from './duration.ts'
import { type Recurrence, recurrenceOf } from './recurrence.ts'
import type { SilenceSpec } from './silence.ts'

/** How a silence stands. In Unix ms: `until` when it ends for now, `next` when it begins, or begins again. */
export type SilenceState = { state: 'active' | 'pending' | 'expired'; until?: number; next?: number }

/** Says how a silence stands at a time, in Unix ms; asked again and again it looks into the calendar only when that changes. */
export function statesOf({
  from,
  until,
  schedule,
}: Pick<SilenceSpec, 'from' | 'until' | 'schedule'>): (now: number) => SilenceState {
  const begin = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from)
  const end = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until)
  const times = schedule && recurrenceOf(schedule.cron, schedule.timeZone)
  const length = durationOf(schedule?.duration ?? '') ?? 0
  let known: { since: number; till: number; state: SilenceState } | undefined

  function once(now: number): SilenceState {
    if (now < begin) return { state: 'pending', next: begin }
    return { state: 'active', ...(until !== undefined && { until: end }) }
  }

  function recurring({ last, next }: Recurrence, now: number): SilenceState {
    const after = next(now)
    const more = after !== undefined && after < end ? { next: after } : {}
    const stop = (last(now) ?? Number.NEGATIVE_INFINITY) + length
    if (now < stop) return { state: 'active', until: Math.min(stop, end), ...more }
    return { state: 'next' in more ? 'pending' : 'expired', ...more }
  }

  function at(now: number): SilenceState {
    if (now >= end) return { state: 'expired' }
    if (!times) return once(now)
    if (now >= begin) return recurring(times, now)
    // One may have begun before, and goes on then.
    const { state, next } = recurring(times, begin)
    if (state === 'active') return { state: 'pending', next: begin }
    return next === undefined ? { state: 'expired' } : { state: 'pending', next }
  }

  return now => {
    if (!known || now < known.since || now >= known.till) {
      const state = at(now)
      const { until: stop = Number.POSITIVE_INFINITY, next = Number.POSITIVE_INFINITY } = state
      known = { since: now, till: Math.min(stop, next), state }
    }
    return known.state
  }
}
