import { describe, expect, it } from 'vitest'
import { outcomeOf, quoted, secretsOf, wentOf } from '../../../functions/webhook-deliver/answer.ts'
import type { Went } from '../../../functions/webhook-deliver/circuits.ts'
import type { Sink } from '../../../functions/webhook-deliver/sink.ts'
import type { Outcome } from '../../../shared/outcome.ts'

const url = new URL('https://user:hunter2secret@example.com/hooks/T0ken%20One?key=s3cret&q=no%2Fw4y')
const sink: Sink = { request: () => ({ problem: 'not asked' }) }
const now = Date.parse('2026-01-31T12:00:00Z')
const answer = (status: number, more: { retryAfter?: string; body?: string } = {}) => ({
  status,
  retryAfter: more.retryAfter,
  body: more.body ?? '',
  cut: false,
})

describe('outcomeOf()', () => {
  it.each([
    [answer(204), { kind: 'done' }],
    [
      answer(301),
      { kind: 'drop', code: 301, reason: 'example.com answered 301, and redirects are not followed' },
    ],
    [
      answer(400, { body: 'no such\nfield' }),
      { kind: 'drop', code: 400, reason: 'example.com answered 400: no such field' },
    ],
    [answer(404), { kind: 'retry', code: 404, reason: 'example.com answered 404' }],
    [answer(410), { kind: 'drop', code: 410, reason: 'example.com answered 410' }],
    [
      answer(429, { retryAfter: '7' }),
      { kind: 'retry', code: 429, reason: 'example.com answered 429', after: 7000 },
    ],
    [
      answer(503, { retryAfter: 'Sat, 31 Jan 2026 12:01:00 GMT', body: 'down' }),
      { kind: 'retry', code: 503, reason: 'example.com answered 503: down', after: 60_000 },
    ],
  ])('reads %o', (given, outcome) => {
    expect(outcomeOf(given, { sink, url, now })).toEqual(outcome)
  })

  it('asks the sink first, which knows what its service means by 200', () => {
    const strict: Sink = {
      ...sink,
      verdict: ({ body }) => (body === 'ok' ? undefined : { kind: 'drop', reason: 'no' }),
    }
    expect(outcomeOf(answer(200, { body: 'ok' }), { sink: strict, url, now })).toEqual({ kind: 'done' })
    expect(outcomeOf(answer(200, { body: 'code 9' }), { sink: strict, url, now })).toEqual({
      kind: 'drop',
      reason: 'no: code 9',
    })
  })
})

describe('outcomeOf() of a receiver that asks for a wait', () => {
  it.each([
    ['1000000000', 7_200_000],
    ['Sun, 31 Jan 2027 12:00:00 GMT', 7_200_000],
    ['7200', 7_200_000],
    ['0', 0],
  ])('hands on Retry-After %s as %i ms', (after, ms) => {
    expect(outcomeOf(answer(429, { retryAfter: after }), { sink, url, now })).toMatchObject({ after: ms })
  })
})

describe('wentOf()', () => {
  const retry = (more = {}) => ({ kind: 'retry', reason: '', ...more }) as const
  const done = { kind: 'done' } as const

  it.each<[string, number, Outcome[], Went]>([
    ['a yes', 200, [done], 'answered'],
    ['a no', 400, [{ kind: 'drop', reason: '' }], 'answered'],
    ['what may be there later', 404, [retry({ after: 7_000 })], 'answered'],
    ['a twin at work', 409, [retry()], 'answered'],
    ['a failure', 500, [retry()], { late: false, after: undefined }],
    ['too much', 429, [retry({ after: 7_000 })], { late: false, after: 7_000 }],
    ['too much under 200', 200, [retry({ after: 7_000 })], { late: false, after: 7_000 }],
    ['too much for some of many', 200, [retry(), done], 'answered'],
    ['too much for all of many', 200, [retry({ after: 1 }), retry()], { late: false, after: 1 }],
  ])('hears of its receiver from %s', (_, status, outcomes, went) => {
    expect(wentOf(answer(status), outcomes)).toEqual(went)
  })
})

describe('quoted()', () => {
  it('hides the secrets of the options, whole and one by one', () => {
    const options = { secret: 'old-key, new-key', bearer: 'abcdef', 'headers.X-Key': 'k3y!', format: 'json' }
    const said = 'old-key, new-key is no json; new-key; abcdef k3y!'
    expect(quoted(said, url, secretsOf(options))).toBe('… is no json; …; … …')
  })

  it('hides whatever of the URL the receiver repeats', () => {
    const body = `Cannot POST ${url.pathname}${url.search} (${decodeURIComponent(url.pathname)}, s3cret, no/w4y, hunter2secret)`
    expect(quoted(body, url)).toBe('Cannot POST … (…, …, …, …)')
  })

  it('is one line of at most 200 characters without controls', () => {
    const said = quoted(`a\u0000\r\n\u001b[31mred${'é'.repeat(500)}`, url)
    expect(said).toMatch(/^a \[31mredé+…$/)
    expect(said).toHaveLength(200)
  })
})
