import { describe, expect, it } from 'vitest'
import { hopsIn, hopsOf } from '../../shared/hops.ts'

const event = { specversion: '1.0', id: '1', source: '/s', type: 't' } as const

describe('hopsOf()', () => {
  it.each([
    [undefined, 0],
    [3, 3],
    ['3', 3],
    [-1, 0],
    [1.5, 0],
    ['x', 0],
  ])('of %s is %i', (hops, count) => {
    expect(hopsOf({ ...event, hops })).toBe(count)
  })
})

describe('hopsIn()', () => {
  it.each([
    [{}, {}],
    [{ 'ops-hops': '3' }, { hops: 3 }],
    [{ 'ops-hops': '0' }, {}],
    [{ 'ops-hops': '-1' }, {}],
    [{ 'ops-hops': '99999' }, {}],
    [{ 'ops-hops': '3, 4' }, {}],
  ])('of %o are %o', (headers, hops) => {
    expect(hopsIn(headers)).toEqual(hops)
  })
})
