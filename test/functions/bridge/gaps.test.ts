import { describe, expect, it } from 'vitest'
import { gapsOf, passedBy } from '../../../functions/bridge/gaps.ts'

describe('gapsOf()', () => {
  it('counts between what was handed out and what is left, each place once', () => {
    const gaps = gapsOf()
    gaps.looked({ first: 1, delivered: 0, order: 0 })
    gaps.looked({ first: 11, delivered: 10, order: 10 })
    expect(gaps.untold()).toBeUndefined()
    gaps.looked({ first: 21, delivered: 10, order: 10 })
    gaps.looked({ first: 31, delivered: 10, order: 10 })
    expect(gaps.untold()).toEqual({ events: 20, from: 11, to: 30 })
    expect(gaps.untold()).toBeUndefined()
    gaps.looked({ first: 31, delivered: 10, order: 10 })
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
    gaps.looked({ first: 60, delivered: 51, order: 6 })
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

  it('sees what went before the very first message, from where the consumer was when it was looked at', () => {
    const gaps = gapsOf()
    gaps.looked({ first: 1, delivered: 0, order: 0 })
    gaps.saw({ order: 1, deliveries: 1, seq: 67 })
    expect(gaps.untold()).toEqual({ events: 66, from: 1, to: 66 })
  })

  it('counts what went before a message that was on its way during a look, beside what that look found', () => {
    const gaps = gapsOf()
    gaps.looked({ first: 1, delivered: 0, order: 0 })
    gaps.looked({ first: 100, delivered: 67, order: 1 })
    expect(gaps.untold()).toEqual({ events: 32, from: 68, to: 99 })
    for (const [order, seq] of [
      [1, 67],
      [2, 120],
    ] as const)
      gaps.saw({ order, deliveries: 1, seq })
    expect(gaps.untold()).toEqual({ events: 20, from: 100, to: 119 })
  })

  it('goes on from where the consumer was behind what is handed out again', () => {
    const gaps = gapsOf()
    gaps.looked({ first: 40, delivered: 50, order: 8 })
    for (const [order, deliveries, seq] of [
      [9, 2, 49],
      [10, 2, 50],
      [11, 1, 54],
      [14, 2, 52],
      [15, 1, 70],
    ] as const)
      gaps.saw({ order, deliveries, seq })
    expect(gaps.untold()).toEqual({ events: 3, from: 51, to: 53 })
  })
})

describe('passedBy()', () => {
  it('goes on over what a filter leaves out, and stops where something waited', () => {
    const passed = passedBy()
    const places = [
      [5, { pending: 0, last: 10 }],
      [5, { pending: 0, last: 20 }],
      [5, { pending: 2, last: 30 }],
      [5, { pending: 1, last: 40 }],
      [5, { pending: 0, last: 50 }],
      [5, { pending: 0, last: 60 }],
      [70, { pending: 1, last: 80 }],
    ] as const
    expect(places.map(([delivered, look]) => passed(delivered, look))).toEqual([5, 20, 20, 20, 20, 60, 70])
  })
})
