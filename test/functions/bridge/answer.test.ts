import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../../functions/bridge/answer.ts'
import { Trigger } from '../../../functions/bridge/triggers.ts'
import { item } from './items.ts'

const ours = Trigger.parse({
  name: 't',
  filter: { subjects: ['ops.>'] },
  sink: { uri: 'http://x/path' },
  batch: 10,
  own: true,
})
const theirs = { ...ours, own: false }
const single = { ...theirs, batch: 1 }
const many = ['a', 'b', 'c'].map(id => item({ text: `{"id":"${id}","source":"s"}` }))
const one = many.slice(0, 1)
const row = (id: string, status = 200, more = {}) => ({ id, source: 's', status, ...more })
const rows = (...results: object[]) => ({ status: 200, body: JSON.stringify({ results }) })

describe('readAnswer() of a batch', () => {
  it('reads row by row', () => {
    const answer = rows(
      row('a'),
      row('b', 422, { reason: 'no host' }),
      row('c', 503, { retryAfter: 2, attempted: false }),
    )
    expect(readAnswer(ours, many, answer)).toEqual({
      kind: 'each',
      judged: true,
      outcomes: [
        { kind: 'done' },
        { kind: 'drop', reason: 'no host', code: 422 },
        { kind: 'retry', reason: 'x answered 503', code: 503, after: 2_000, attempted: false },
      ],
    })
  })

  it('blames no event where a function of ours can do nothing now, and counts no attempt, not even of one alone', () => {
    const answer = { status: 503, body: '{"code":503,"message":"the database is away","attempted":false}' }
    const outcome = {
      ...{ kind: 'retry', code: 503, attempted: false },
      reason: 'x answered 503: the database is away',
    }
    for (const items of [many, one])
      expect(readAnswer(ours, items, answer)).toEqual({ kind: 'whole', suspect: 'never', outcome })
    expect(readAnswer(theirs, many, answer)).toMatchObject({ suspect: 'later' })
  })

  it.each([
    ['too few rows', rows(row('a'), row('b')), 'x answered for 2 of 3 events'],
    ['too many rows', rows(row('a'), row('b'), row('c'), row('d')), 'x answered for 4 of 3 events'],
    [
      'rows of other events',
      rows(row('a'), row('other'), row('c')),
      'x answered for an event "other" that was not there',
    ],
    ['cut JSON', { status: 200, body: '{"results":[{"id":"a","sour' }, 'x answered 200 without its verdicts'],
    ['no JSON', { status: 200, body: 'ok' }, 'x answered 200 without its verdicts'],
    ['rows without a status', rows({ id: 'a', source: 's' }), 'x answered 200 without its verdicts'],
  ])('suspects an event behind %s', (_, answer, reason) => {
    expect(readAnswer(ours, many, answer)).toEqual({
      kind: 'whole',
      outcome: { kind: 'retry', reason },
      suspect: 'now',
    })
  })

  it('buries a message that turns out to be several events', () => {
    expect(readAnswer(ours, one, rows(row('a'), row('b')))).toMatchObject({
      kind: 'each',
      outcomes: [{ kind: 'drop' }],
    })
  })

  it('finds ids that are spelt otherwise or stand in headers', () => {
    const spelt = [
      item({ text: '{ "id" : "\\u0061" }' }),
      item({ headers: { 'ce-specversion': '1.0', 'ce-id': 'b' } }),
    ]
    expect(readAnswer(ours, spelt, rows(row('a'), row('b')))).toMatchObject({ kind: 'each' })
    expect(
      readAnswer(ours, [item({ text: '{}' }), item({ text: '[]' })], rows(row('', 422), row('', 422))),
    ).toMatchObject({ kind: 'each' })
  })

  it('takes a 2xx of others without rows for a yes to all', () => {
    for (const status of [200, 202, 204])
      expect(readAnswer(theirs, many, { status, body: '' })).toMatchObject({
        outcomes: [{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }],
      })
  })

  it.each([401, 403, 405])(
    'takes a %i of our own function for a broken trigger, of another for a refusal',
    status => {
      expect(readAnswer(ours, many, { status, body: '{"message":"who?"}' })).toEqual({
        kind: 'broken',
        reason: `x answered ${status}: who?`,
      })
      expect(readAnswer(theirs, one, { status, body: '' })).toMatchObject({
        kind: 'each',
        outcomes: [{ kind: 'drop', code: status }],
      })
    },
  )

  it.each([404, 408, 409, 425, 429, 503])(
    'waits with all after a %i, and suspects one only when that goes on',
    status => {
      expect(readAnswer(theirs, many, { status, body: '', after: 3_000 })).toEqual({
        ...{ kind: 'whole', suspect: 'later' },
        outcome: { kind: 'retry', reason: `x answered ${status}`, code: status, after: 3_000 },
      })
      expect(readAnswer(ours, many, { status, body: '' })).toMatchObject({
        outcome: { attempted: false },
        suspect: 'later',
      })
      expect(readAnswer(ours, one, { status, body: '' })).toEqual({
        ...{ kind: 'each', outcomes: [{ kind: 'retry', reason: `x answered ${status}`, code: status }] },
      })
    },
  )

  it.each([301, 400, 410, 413, 415, 422, 500, 502, 504])('looks for the event behind a %i', status =>
    expect(readAnswer(ours, many, { status, body: '' })).toMatchObject({ kind: 'whole', suspect: 'now' }),
  )
})

describe('readAnswer() of what stands before a function of ours', () => {
  const triggers = { many: ours, one: { ...ours, batch: 1 }, foreign: theirs }
  const counted = (answer: { status: number; body: string }) =>
    Object.entries(triggers).flatMap(([name, trigger]) => {
      const sent = readAnswer(trigger, one, answer)
      const outcomes = sent.kind === 'each' ? sent.outcomes : []
      return outcomes.some(outcome => outcome.kind === 'retry' && outcome.attempted !== false) ? [name] : []
    })

  it.each([
    [503, 'pending request queue full\n'],
    [503, 'No endpoints available for: event-store.\n'],
    [429, 'Concurrent request limit exceeded. Max concurrent requests: 4\n'],
  ])('counts no attempt where a request was turned away: %i %s', (status, body) => {
    expect(counted({ status, body })).toEqual(['foreign'])
    expect(readAnswer(ours, many, { status, body })).toMatchObject({ kind: 'whole', suspect: 'never' })
  })

  it.each([
    [500, "Can't reach service for: event-store.\n"],
    [502, 'EOF\n'],
    [502, 'dial tcp 127.0.0.1:8080: connect: connection refused\n'],
    [503, 'upstream connect error or disconnect/reset before headers. reset reason: connection termination'],
    [503, 'It says: pending request queue full'],
    [504, 'activator request timeout'],
  ])('counts one where an event may have ended the function: %i %s', (status, body) =>
    expect(counted({ status, body })).toEqual(['many', 'one', 'foreign']),
  )
})

describe('readAnswer() of a single event', () => {
  it('hears from our own functions, and from nobody else, that nothing was tried', () => {
    const busy = { status: 503, body: '{"message":"It runs","attempted":false}', after: 1_000 }
    const outcome = { kind: 'retry', reason: 'x answered 503: It runs', code: 503, after: 1_000 }
    expect(readAnswer({ ...ours, batch: 1 }, one, busy)).toEqual({
      kind: 'each',
      outcomes: [{ ...outcome, attempted: false }],
    })
    expect(readAnswer(single, one, busy)).toEqual({ kind: 'each', outcomes: [outcome] })
  })
})

describe('readAnswer() of silence', () => {
  const reset = { silent: 'x did not answer: ECONNRESET', unreached: false }
  const refused = { silent: 'x did not answer: ECONNREFUSED', unreached: true }

  it('suspects one of many, and counts it against one alone', () => {
    expect(readAnswer(ours, many, reset)).toMatchObject({ kind: 'whole', suspect: 'now' })
    expect(readAnswer(ours, one, reset)).toMatchObject({ kind: 'each', outcomes: [{ kind: 'retry' }] })
  })

  it('blames nobody where nobody was there, and counts it for others only', () => {
    expect(readAnswer(ours, one, refused)).toMatchObject({
      kind: 'whole',
      outcome: { attempted: false },
      suspect: 'never',
    })
    expect(readAnswer(theirs, many, refused)).toEqual({
      kind: 'whole',
      outcome: { kind: 'retry', reason: refused.silent },
      suspect: 'never',
    })
    expect(readAnswer(single, one, refused)).toEqual({
      kind: 'each',
      outcomes: [{ kind: 'retry', reason: refused.silent }],
    })
  })
})
