import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classOf, delayClasses, pauseBefore } from '../../../functions/bridge/backoff.ts'

const exponential = { backoffPolicy: 'exponential' as const, backoffDelay: 500, backoffMax: 300_000 }
const linear = { ...exponential, backoffPolicy: 'linear' as const }

describe('pauseBefore()', () => {
  it.each([
    [exponential, 1, 500],
    [exponential, 2, 1_000],
    [exponential, 5, 8_000],
    [exponential, 11, 300_000],
    [exponential, 100, 300_000],
    [linear, 1, 500],
    [linear, 3, 1_500],
    [linear, 1_000, 300_000],
  ])('of %j after %i attempts is at most %i', (delivery, attempts, most) => {
    expect(pauseBefore(delivery, attempts, { random: 1 })).toBe(most)
    expect(pauseBefore(delivery, attempts, { random: 0 })).toBe(50)
  })

  it('is never before what was asked for, nor longer than two hours for it', () => {
    fc.assert(
      fc.property(
        fc.nat(1e8),
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (after, attempts, random) => {
          const pause = pauseBefore(exponential, attempts, { after, random })
          expect(pause).toBeGreaterThanOrEqual(Math.min(after, 7_200_000))
          expect(pause).toBeGreaterThanOrEqual(50)
          expect(pause).toBeLessThanOrEqual(Math.max(Math.min(after, 7_200_000), 300_000))
        },
      ),
    )
  })
})

describe('classOf()', () => {
  it('is the class nearest by ratio', () => {
    const distance = (one: number, other: number) => Math.max(one / other, other / one)
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 7_200_000 }), delay => {
        const best = Math.min(...delayClasses.map(seconds => distance(seconds * 1000, delay)))
        expect(distance(classOf(delay) * 1000, delay)).toBeCloseTo(best)
      }),
    )
    expect(delayClasses.map(seconds => classOf(seconds * 1000))).toEqual([...delayClasses])
  })
})
