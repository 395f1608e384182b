import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  afterFailure,
  Circuit,
  closed,
  longestAsked,
  stateOf,
} from '../../../functions/webhook-deliver/circuit.ts'

const failure = (circuit: Circuit, more: { now?: number; late?: boolean; after?: number } = {}) =>
  afterFailure(circuit, { now: 0, random: 0.5, late: false, ...more })
const times = (count: number, more: { late?: boolean } = {}) =>
  Array.from({ length: count }).reduce<Circuit>(circuit => failure(circuit, more), closed)

describe('a circuit', () => {
  it('opens with the fifth failure in a row, or the second that hung', () => {
    expect(stateOf(times(4), 0)).toBe('closed')
    expect(stateOf(times(5), 0)).toBe('open')
    expect(stateOf(times(1, { late: true }), 0)).toBe('closed')
    expect(stateOf(times(2, { late: true }), 0)).toBe('open')
  })

  it('stays open for longer each time, up to 5 min', () => {
    let circuit = times(5)
    const pauses = [circuit.until]
    for (let probe = 0; probe < 6; probe++) {
      const now = circuit.until
      expect(stateOf(circuit, now - 1)).toBe('open')
      expect(stateOf(circuit, now)).toBe('half-open')
      circuit = failure(circuit, { now })
      pauses.push(circuit.until - now)
    }
    expect(pauses).toEqual([5, 15, 30, 60, 120, 300, 300].map(seconds => seconds * 1000))
  })

  it('opens for as long as the receiver asks, and at once', () => {
    expect(failure(closed, { now: 1_000, after: 7_000 })).toEqual({ failures: 1, opened: 1, until: 8_000 })
    expect(failure(closed, { after: 1e12 }).until).toBe(longestAsked)
  })

  it('does not count up for a receiver that says each time how long to wait', () => {
    const once = failure(closed, { after: 1_000 })
    expect(failure(once, { now: 1_000, after: 1_000 })).toEqual({ failures: 2, opened: 1, until: 2_000 })
  })

  it('is never open beyond what was asked or five minutes and a fifth, whatever happens', () => {
    const failures = fc.record({
      now: fc.nat(1e9),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
      late: fc.boolean(),
      after: fc.option(fc.nat(1e10), { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(failures, { minLength: 1, maxLength: 40 }), all => {
        let circuit = closed
        for (const one of all.toSorted((a, b) => a.now - b.now)) {
          const before = circuit.until
          circuit = afterFailure(circuit, one)
          expect(Circuit.parse(JSON.parse(JSON.stringify(circuit)))).toEqual(circuit)
          const most = Math.max(before, one.now + (one.after ? Math.min(one.after, longestAsked) : 360_000))
          expect(circuit.until).toBeLessThanOrEqual(most)
        }
      }),
    )
  })
})
