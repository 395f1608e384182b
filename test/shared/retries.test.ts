import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classOf, delayClasses } from '../../shared/retries.ts'

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
