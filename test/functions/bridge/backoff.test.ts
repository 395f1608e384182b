import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pauseBefore, pauseUnattempted } from '../../../functions/bridge/backoff.ts'

const exponential = { backoffPolicy: 'exponential' as const, backoffDelay: 500, backoffMax: 300_000 }
const ladder = { ...exponential, backoffPolicy: 'ladder' as const }
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

describe('pauseBefore() of a ladder', () => {
  it.each([
    [1, 5],
    [2, 30],
    [3, 120],
    [4, 600],
    [5, 1_800],
    [6, 3_600],
    [7, 7_200],
    [8, 7_200],
    [50, 7_200],
  ])('after %i attempts is about %i s, a fifth more or less', (attempts, seconds) => {
    const of = (random: number) => pauseBefore(ladder, attempts, { random }) / 1_000
    expect(of(0)).toBeCloseTo(seconds * 0.8)
    expect(of(0.5)).toBeCloseTo(seconds)
    expect(of(1)).toBeCloseTo(seconds * 1.2)
  })

  it.each([
    [1, 20_000, 20_000],
    [3, 20_000, 120_000],
    [1, 1e9, 7_200_000],
  ])('after %i attempts honours %i ms that were asked for: %i', (attempts, after, pause) =>
    expect(pauseBefore(ladder, attempts, { after, random: 0.5 })).toBe(pause),
  )
})

describe('pauseUnattempted()', () => {
  const of = (age: number, how: { after?: number; longest?: number } = {}) =>
    pauseUnattempted(ladder, age, { random: 0.5, longest: 60_000, ...how })

  it('grows with the time that it has been going on, from the delay of the policy to the longest', () => {
    expect([0, 900, 4_000, 100_000, 1e7].map(age => of(age))).toEqual([500, 500, 2_000, 50_000, 60_000])
  })

  it('is what was asked for, but no hot loop and not for ever', () => {
    expect([0, 3_000, 1e9].map(after => of(0, { after }))).toEqual([500, 3_000, 7_200_000])
  })

  it('is more than asked for once that has been going on for long', () => {
    expect([8_000, 80_000, 160_000, 1e7].map(age => of(age, { after: 10_000 }))).toEqual([
      ...[10_000, 10_000, 20_000, 60_000],
    ])
  })
})
