import { describe, expect, it } from 'vitest'
import { gapsOf } from '../../../functions/bridge/lag.ts'

describe('gapsOf()', () => {
  it('counts between what was handed out and what is left, each place once', () => {
    const gaps = gapsOf()
    gaps.looked({ first: 1, delivered: 0 })
    gaps.looked({ first: 11, delivered: 10 })
    expect(gaps.untold()).toBeUndefined()
    gaps.looked({ first: 21, delivered: 10 })
    gaps.looked({ first: 31, delivered: 10 })
    expect(gaps.untold()).toEqual({ events: 20, from: 11, to: 30 })
    expect(gaps.untold()).toBeUndefined()
    gaps.looked({ first: 31, delivered: 10 })
    expect(gaps.untold()).toBeUndefined()
  })

  it('sees what was skipped between two messages handed out one after the other', () => {
    const gaps = gapsOf()
    for (const [order, deliveries, seq] of [
      [5, 1, 50],
      [6, 1, 51],
      [7, 2, 48],
      [8, 1, 60],
      [10, 1, 90],
    ] as const)
      gaps.saw({ order, deliveries, seq })
    expect(gaps.untold()).toEqual({ events: 8, from: 52, to: 59 })
    gaps.looked({ first: 60, delivered: 51 })
    expect(gaps.untold()).toBeUndefined()
  })

  it('takes nothing for gone that was handed out to a bridge before it', () => {
    const gaps = gapsOf()
    for (const [order, deliveries, seq] of [
      [5, 2, 48],
      [6, 2, 50],
      [7, 1, 60],
      [8, 1, 61],
    ] as const)
      gaps.saw({ order, deliveries, seq })
    expect(gaps.untold()).toBeUndefined()
  })
})
