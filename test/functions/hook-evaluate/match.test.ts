import { describe, expect, test } from 'vitest'
import { judge, type Rule } from '../../../functions/hook-evaluate/match.ts'
import { PatternError } from '../../../shared/pattern.ts'

const rule = (part: Partial<Rule>): Rule => ({
  include: [],
  exclude: [],
  matchMode: 'ANY',
  matchType: 'CONTAINS',
  ...part,
})
const text = 'cluster: c1 \nreason: BackOff \nmessage: Back-off restarting healthcheck \n'

describe('judge()', () => {
  test('fires without keywords', () => {
    expect(judge(rule({}), text)).toEqual({ fires: true, because: 'no keywords' })
  })

  test('fires without includes when nothing excludes', () => {
    expect(judge(rule({ exclude: ['cn-beijing'] }), text)).toEqual({
      fires: true,
      because: 'nothing excludes it',
    })
  })

  test('names the word that excluded it, whatever the mode', () => {
    for (const matchMode of ['ANY', 'ALL'] as const) {
      const both = rule({ include: ['BackOff'], exclude: ['x', 'healthcheck'], matchMode })
      expect(judge(both, text)).toEqual({ fires: false, because: 'excluded by "healthcheck"' })
    }
  })

  test('names the word that made it fire', () => {
    const any = rule({ include: ['OOMKilled', 'BackOff', 'reason'] })
    expect(judge(any, text)).toEqual({ fires: true, because: 'has "BackOff"' })
  })

  test('names the words of which none was there', () => {
    expect(judge(rule({ include: ['OOMKilled'] }), text).because).toBe('no "OOMKilled"')
    expect(judge(rule({ include: ['OOMKilled', 'Evicted'] }), text)).toEqual({
      fires: false,
      because: 'no "OOMKilled" or "Evicted"',
    })
  })

  test('wants each word in mode ALL, and names the missing one', () => {
    const all = rule({ include: ['BackOff', 'c1'], matchMode: 'ALL' })
    expect(judge(all, text)).toEqual({ fires: true, because: 'has "BackOff" and "c1"' })
    expect(judge({ ...all, include: ['BackOff', 'c2', 'c3'] }, text)).toEqual({
      fires: false,
      because: 'no "c2"',
    })
  })

  test.each<[string, Partial<Rule>, string, boolean]>([
    ['is case-sensitive', { include: ['backoff'] }, text, false],
    ['finds the empty keyword in any text', { include: [''] }, text, true],
    ['is blocked by the empty exclude', { exclude: [''] }, text, false],
    [
      'finds "label: value" with the blank before the newline',
      { include: ['reason: BackOff \n'] },
      text,
      true,
    ],
    ['compares the whole text in EXACT', { include: ['hello'], matchType: 'EXACT' }, 'hello', true],
    ['does not find a part in EXACT', { include: ['hello'], matchType: 'EXACT' }, 'hello ', false],
    [
      'finds the empty keyword in EXACT in the empty text only',
      { include: [''], matchType: 'EXACT' },
      'a',
      false,
    ],
    ['finds a pattern anywhere in REGEX', { include: ['Back.{1,3}off'], matchType: 'REGEX' }, text, true],
    ['excludes by a pattern', { exclude: ['health.*\\z'], matchType: 'REGEX' }, text, false],
    ['lets "." take newlines', { include: ['c1.*BackOff'], matchType: 'REGEX' }, text, true],
  ])('%s', (_, part, of, fires) => {
    expect(judge(rule(part), of).fires).toBe(fires)
  })

  test('refuses a pattern that cannot be compiled', () => {
    expect(() => judge(rule({ include: ['('], matchType: 'REGEX' }), text)).toThrow(PatternError)
  })
})
