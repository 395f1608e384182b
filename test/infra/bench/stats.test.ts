import { describe, expect, test } from 'vitest'
import { median, percentile, spread } from '../../../infra/bench/stats.ts'

describe('median()', () => {
  test.each([
    [[], Number.NaN],
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })
})

describe('percentile()', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  test.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])('%d of 1 to 100 is %d', (share, expected) => {
    expect(percentile(hundred, share)).toBe(expected)
  })

  test('is a value that was measured, of few ones too', () => {
    expect(percentile([7, 3], 0.99)).toBe(7)
    expect(percentile([], 0.5)).toBeNaN()
  })
})

test('spread() is the median with the least and the most', () => {
  expect(spread([5, 1, 9])).toEqual({ median: 5, least: 1, most: 9 })
})
