import { describe, expect, it } from 'vitest'
import { paceOf } from '../../../functions/bridge/pace.ts'

describe('paceOf()', () => {
  it('grows with what is taken, shrinks to two with what is not, and probes after an hour of nothing', () => {
    const pace = paceOf(4)
    expect(pace.allowed(0, 0)).toBe(1)
    for (let count = 0; count < 9; count++) pace.took()
    pace.flew(0)
    expect(pace.allowed(1, 0)).toBe(4)
    for (let count = 0; count < 9; count++) pace.refused()
    expect(pace.allowed(1, 0)).toBe(2)
    expect(pace.allowed(3600_000, 1)).toBe(2)
    expect(pace.allowed(3600_000, 0)).toBe(1)
  })

  it('is always the same where requests are held', () => {
    const pace = paceOf(4, true)
    expect(pace.allowed(0, 0)).toBe(4)
    for (let count = 0; count < 9; count++) pace.refused()
    expect(pace.allowed(3600_000, 0)).toBe(4)
  })

  it('counts failures of requests that were out together once', () => {
    const pace = paceOf(4)
    expect(pace.pause(0, failures => 100 * 2 ** failures)).toBe(100)
    expect(pace.pause(10, () => 10)).toBe(100)
    expect(pace.failures()).toBe(1)
    expect(pace.pause(200, failures => 100 * 2 ** failures)).toBe(400)
    pace.took()
    expect(pace.failures()).toBe(0)
  })
})
