import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limiter } from '../../shared/rate.ts'

describe('limiter()', () => {
  it('lets a burst pass and then tells how long to wait', () => {
    const rate = limiter({ rate: 10, burst: 20 })
    for (let sent = 0; sent < 20; sent++) {
      expect(rate.wait('a', 0)).toBe(0)
      rate.charge('a', 1, 0)
    }
    expect(rate.wait('a', 0)).toBe(100)
    expect(rate.wait('a', 60)).toBe(40)
    expect(rate.wait('a', 100)).toBe(0)
  })

  it('knows each name by itself', () => {
    const rate = limiter({ rate: 10, burst: 20 })
    rate.charge('a', 100, 0)
    expect(rate.wait('a', 0)).toBeGreaterThan(0)
    expect(rate.wait('b', 0)).toBe(0)
  })

  it('remembers who owes something, however many names come and go', () => {
    const rate = limiter({ rate: 10, burst: 20 })
    rate.charge('a', 1_000, 0)
    for (let n = 0; n < 5_000; n++) rate.charge(`run-${n}`, 1, n)
    expect(rate.wait('a', 5_000)).toBe(93_100)
    expect(rate.wait('run-4999', 5_000)).toBe(0)
  })

  it('takes a batch larger than the burst, and what comes after it pays', () => {
    const rate = limiter({ rate: 10, burst: 20 })
    rate.charge('a', 120, 0)
    expect(rate.wait('a', 0)).toBe(10_100)
    expect(rate.wait('a', 10_100)).toBe(0)
  })

  it('never lets more pass in any time than the burst and the rate together', () => {
    const steps = fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 5 })), { maxLength: 200 })
    fc.assert(
      fc.property(steps, steps => {
        const rate = limiter({ rate: 10, burst: 20 })
        let now = 0
        let passed = 0
        for (const [pause, events] of steps) {
          now += pause
          if (rate.wait('a', now) > 0) continue
          rate.charge('a', events, now)
          passed += events
        }
        // The last batch may be taken in advance.
        expect(passed).toBeLessThanOrEqual(20 + (now * 10) / 1000 + 5)
      }),
    )
  })
})
