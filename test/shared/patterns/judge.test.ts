import { describe, expect, it } from 'vitest'
import { frequencyOf, judge, usualTerms } from '../../../shared/patterns/judge.ts'
import { usualOf } from '../../../shared/patterns/usual.ts'

const noon = Date.parse('2026-05-04T12:00:00Z')
const seen = (count: number, minutes: number, peak = count) => ({
  ...{ count, peak },
  first: new Date(noon),
  last: new Date(noon + minutes * 60_000),
})

// [what was seen, of the same hour of the days before, whether it was seen in those days at all, the verdict]
const table: [string, ReturnType<typeof seen>, number[], boolean, string | undefined][] = [
  ['two are too few', seen(2, 0), [], false, undefined],
  ['three in an instant', seen(3, 0), [], false, 'burst'],
  ['three in six minutes, which is no more than 0.5 a minute', seen(3, 6, 2), [], false, undefined],
  ['three in five minutes', seen(3, 5, 3), [], false, 'recurring'],
  ['a burst, and one an hour later', seen(4, 55, 3), [], false, 'recurring'],
  ['forty in an hour', seen(40, 60, 5), [], false, 'recurring'],
  ['what is usual', seen(40, 60, 5), [41, 38, 40, 44, 39], true, 'recurring'],
  ['twelve times the usual', seen(48, 60, 5), [4, 3, 5, 4, 4, 4, 90], true, 'change'],
  ['12 times the usual, too seldom to recur', seen(12, 55, 2), [1, 1, 0, 1, 2], true, 'change'],
  ['three where there was none', seen(3, 50, 1), [0, 0, 0], true, undefined],
  ['six where there was none at that hour', seen(6, 50, 1), [0, 0, 0], true, 'change'],
  ['what was never there', seen(6, 1), [0, 0, 0], false, 'new'],
  ['three of what was never there', seen(3, 1), [0, 0, 0], false, 'new'],
  ['what was never there in two days, which say nothing', seen(6, 1), [0, 0], false, 'recurring'],
  ['within what days differ by', seen(90, 60, 9), [10, 60, 20, 70, 15, 80, 30], true, 'recurring'],
]

describe('judge()', () => {
  it.each(table)('%s', (_, sighting, before, was, verdict) => {
    const usual = before.length > 0 ? usualOf(before, was) : undefined
    expect(judge(sighting, usual, usualTerms).verdict).toBe(verdict)
  })

  it('says how many times the usual it is, with one as the least', () => {
    expect(judge(seen(48, 60), usualOf([4, 4, 4], true), usualTerms)).toMatchObject({ ratio: 12, history: 3 })
    expect(judge(seen(48, 60), usualOf([0, 0, 0], true), usualTerms)).toMatchObject({ ratio: 48 })
    expect(judge(seen(48, 60), usualOf([4, 4], true), usualTerms)).not.toHaveProperty('ratio')
  })

  it('counts by the minute, of which one is the least', () => {
    expect(frequencyOf(seen(30, 0)).frequency).toBe(30)
    expect(frequencyOf(seen(30, 10)).frequency).toBe(3)
  })
})

describe('usualOf()', () => {
  it('does not mind a day that was quite different', () => {
    expect(usualOf([10, 11, 9, 10, 500], true)).toMatchObject({ median: 10, history: 5 })
    expect(usualOf([10, 11, 9, 10, 500], true).spread).toBeLessThan(4)
    expect(usualOf([10, 10, 0, 0, 10, 10, 10], true).median).toBe(10)
  })
  it('is never quite sure', () => {
    expect(usualOf([], false)).toEqual({ history: 0, median: 0, spread: 1, seenBefore: false })
    expect(usualOf([100, 100, 100], true).spread).toBe(10)
  })
})
