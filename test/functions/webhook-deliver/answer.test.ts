import { describe, expect, it } from 'vitest'
import { outcomeOf, quoted } from '../../../functions/webhook-deliver/answer.ts'
import type { Sink } from '../../../functions/webhook-deliver/sink.ts'

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

describe('quoted()', () => {
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
