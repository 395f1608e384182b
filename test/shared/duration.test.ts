import { describe, expect, it } from 'vitest'
import { duration, durationOf, inWords } from '../../shared/duration.ts'

describe('a duration', () => {
  it.each([
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['90s', 90_000],
    ['250ms', 250],
    ['7d', 604_800_000],
    ['1d12h', 129_600_000],
    ['0s', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(durationOf(text)).toBe(ms)
  })

  it.each(['', '10', 'm', '10 m', '-1m', '1m ', '10x', '1e3s', '.5h', 'soon'])('%j is none', text => {
    expect(durationOf(text)).toBeUndefined()
  })

  it.each([
    [250, '250ms'],
    [1_499, '1s'],
    [250_000, '4m10s'],
    [86_400_000, '1d'],
    [90_061_000, '1d1h1m1s'],
  ])('of %i ms reads %s', (ms, text) => {
    expect(inWords(ms)).toBe(text)
  })

  it('in a resource is neither too short nor too long, and says what would be right', () => {
    const schema = duration(1_000, 86_400_000)
    for (const fine of ['1s', '1d', '24h']) expect(schema.parse(fine)).toBe(fine)
    for (const wrong of ['999ms', '25h', 'soon'])
      expect(schema.safeParse(wrong).error?.issues.map(({ message }) => message)).toEqual([
        'it has to be a duration from 1s to 1d, such as 10m',
      ])
  })
})
