import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BatchAnswer,
  done,
  drop,
  type Outcome,
  outcomeOfResult,
  outcomeOfStatus,
  resultOf,
  retry,
  retryAfter,
  statusOf,
} from '../../shared/outcome.ts'

describe('outcomeOfStatus()', () => {
  it.each([
    ['done', [200, 201, 202, 204, 299]],
    ['drop', [300, 301, 302, 308, 400, 401, 403, 405, 406, 410, 411, 413, 414, 415, 418, 422]],
    ['retry', [404, 408, 409, 425, 429, 500, 501, 502, 503, 504, 599]],
  ])('reads as %s: %j', (kind, statuses) => {
    for (const status of statuses)
      expect(outcomeOfStatus(status, 'example.com'), `${status}`).toMatchObject({ kind })
  })

  it('says who answered what, and when to try again', () => {
    expect(outcomeOfStatus(429, 'example.com', 7000)).toEqual({
      kind: 'retry',
      reason: 'example.com answered 429',
      code: 429,
      after: 7000,
    })
  })
})

describe('retryAfter()', () => {
  const now = Date.parse('2026-01-31T12:00:00Z')

  it.each([
    ['0', 0],
    [' 120 ', 120_000],
    ['Sat, 31 Jan 2026 12:01:30 GMT', 90_000],
    ['Sat, 31 Jan 2026 11:00:00 GMT', 0],
    ['Sat Jan 31 12:00:05 2026 GMT', 5_000],
    ['-1', undefined],
    ['1.5', undefined],
    ['12345678901', undefined],
    ['soon', undefined],
    ['2026-01-31', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %j as %j milliseconds', (header, milliseconds) => {
    expect(retryAfter(header, now)).toBe(milliseconds)
  })
})

describe('a row of a batch answer', () => {
  const tally = { 'n/a': { matched: 1, dedup: 1 } }
  const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
    fc.constant(done),
    fc.constantFrom<Outcome>({ kind: 'done', tally }, { kind: 'done', tally, recalled: true }),
    fc.string().map(reason => ({ kind: 'drop' as const, reason, tally })),
    fc.string().map(reason => drop(reason)),
    fc
      .tuple(fc.string(), fc.option(fc.nat(), { nil: undefined }), fc.boolean())
      .map(([reason, after, tried]) => retry(reason, { after, ...(!tried && { attempted: false }) })),
  )

  it('says the same on both ends', () => {
    fc.assert(
      fc.property(outcomes, outcome => {
        const text = JSON.stringify({ results: [resultOf({ id: 'e1', source: 's' }, outcome)] })
        const [row = { id: '', source: '', status: 0 }] = BatchAnswer.parse(JSON.parse(text)).results
        const { code: _, ...read } = { code: 0, ...outcomeOfResult(row, 'hook-evaluate') }
        expect(read).toEqual(outcome)
        expect(row).toMatchObject({ id: 'e1', source: 's', status: statusOf(outcome) })
      }),
    )
  })
})
