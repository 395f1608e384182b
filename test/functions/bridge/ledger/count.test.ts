import { describe, expect, it } from 'vitest'
import { type Counted, countedOf, entryOf } from '../../../../functions/bridge/ledger/count.ts'
import { done, drop, type Outcome, retry } from '../../../../shared/outcome.ts'
import type { Tally } from '../../../../shared/tally.ts'
import { item } from '../items.ts'

const judging = { stream: 'ops' as const, covers: 'hooks' as const }
const delivering = { stream: 'deliveries' as const, covers: 'all' as const }
const took = (said: Tally) => ({ kind: 'done' as const, tally: said })
const patternsOf = (subject: string) => [`${subject.slice(0, 3)}.>`]
const tally = { 'n/a': { matched: 1, queued: 1 } }
const delivery = (about: object = {}) =>
  item({
    ...{ stream: 'deliveries', subject: 'deliveries.n.a_b' },
    text: JSON.stringify({ specversion: '1.0', id: '1', source: 's', type: 't', hook: 'n/a.b', ...about }),
  })
const again = (stream: string | undefined, subject = 'ops.a.b.events') =>
  item({
    ...{ stream: 'retries', subject: 'retries.t.30.a.b.events' },
    headers: { 'Ops-Subject': subject, ...(stream && { 'Ops-Stream': stream, 'Ops-Sequence': '9' }) },
  })

describe('countedOf()', () => {
  it('is what the function said, and the patterns that received the event', () => {
    expect(countedOf(judging, item(), { outcome: took(tally) }, patternsOf)).toEqual({
      ...{ judged: ['ops.>'], tally, failed: undefined },
    })
    expect(countedOf(judging, item(), { outcome: done }, patternsOf)).toMatchObject({
      judged: ['ops.>'],
      tally: {},
    })
  })

  it('takes an event that waited for the same one, and what only ever waited for none', () => {
    const end = { outcome: took(tally) }
    expect(countedOf(judging, again('ops'), end, patternsOf)?.judged).toEqual(['ops.>'])
    expect(countedOf(judging, again(undefined), end, patternsOf)).toMatchObject({ judged: undefined, tally })
  })

  it('counts what is recalled only of a message that was sent before: else it was of another', () => {
    const end = { outcome: { ...took(tally), recalled: true as const } }
    expect(countedOf(judging, item(), end, patternsOf)).toMatchObject({ judged: ['ops.>'], tally: {} })
    expect(countedOf(judging, item({ deliveries: 2 }), end, patternsOf)?.tally).toEqual(tally)
    expect(countedOf(judging, { ...item(), sent: true }, end, patternsOf)?.tally).toEqual(tally)
  })

  it('judges nothing where nobody has judged', () => {
    const buried = { reason: 'too long' }
    expect(countedOf(judging, item(), { outcome: retry('away'), buried }, patternsOf)).toBeUndefined()
    expect(countedOf({ ...judging, covers: 'all' }, item(), { outcome: done }, patternsOf)).toBeUndefined()
  })

  it('says of a hook why nothing could be made of an event', () => {
    const outcome: Outcome = {
      ...{ kind: 'drop', reason: 'no target' },
      tally: { 'n/a': { matched: 1, refused: 1 }, 'n/b': { matched: 1 } },
    }
    const end = { outcome, buried: { reason: outcome.reason } }
    expect(countedOf(judging, item(), end, patternsOf)?.failed).toEqual({
      hooks: ['n/a'],
      reason: 'no target',
    })
  })

  it.each([
    ['taken', { outcome: took({ 'n/a.b': { delivered: 1 } }) }, { delivered: 1 }],
    ['refused', { outcome: drop('404'), buried: { reason: '404' } }, { dead: 1 }],
    ['tried for too long', { outcome: retry('503'), buried: { reason: '503' } }, { dead: 1 }],
  ])('counts a delivery that was %s', (_, end, counts) => {
    expect(countedOf(delivering, delivery(), end, patternsOf)?.tally).toEqual({ 'n/a.b': counts })
  })

  it('counts a dead letter that is sent again as one more that was queued', () => {
    const end = { outcome: took({ 'n/a.b': { delivered: 1 } }) }
    expect(countedOf(delivering, delivery({ replayid: 'r' }), end, patternsOf)?.tally).toEqual({
      'n/a.b': { delivered: 1, notices: 1, queued: 1 },
    })
  })

  it('finds the hook of what is no event by its subject', () => {
    const broken = item({ stream: 'deliveries', subject: 'deliveries.n.a', text: '{"a' })
    expect(
      countedOf(delivering, broken, { outcome: drop('x'), buried: { reason: 'x' } }, patternsOf)?.tally,
    ).toEqual({
      'n/a': { dead: 1 },
    })
  })
})

describe('entryOf()', () => {
  const place = (seq: number) => ({ stream: 'ops', seq, stored: 1 })
  const counted = (about: Partial<Counted>): Counted => ({
    judged: undefined,
    tally: {},
    failed: undefined,
    ...about,
  })

  it('sums up by pattern and by hook', () => {
    const entry = entryOf(
      [
        { pulled: place(1), counted: counted({ judged: ['ops.>', 'ops.a'], tally }) },
        { pulled: place(2), counted: counted({ judged: ['ops.>'], tally: { 'n/a': { dedup: 1 } } }) },
        {
          pulled: place(3),
          counted: counted({ tally: { 'n/b': { dead: 1 } }, failed: { hooks: ['n/b'], reason: 'no' } }),
        },
      ],
      70,
    )
    expect(entry).toEqual({
      ...{ at: 70, received: 2, patterns: { 'ops.>': 2, 'ops.a': 1 } },
      hooks: {
        'n/a': { counts: { matched: 1, queued: 1, dedup: 1 }, lastMatched: 70 },
        'n/b': { counts: { dead: 1 }, lastError: { at: 70, reason: 'no' } },
      },
      places: { ops: { ranges: [1, 3], from: 1, to: 1 } },
    })
  })

  it('tells no secret', () => {
    const failed = {
      hooks: ['n/a'],
      reason: `https://user:pw@example.com/T0/secret said ${'x'.repeat(1_000)}`,
    }
    const { lastError } = entryOf([{ pulled: place(1), counted: counted({ failed }) }], 1).hooks['n/a'] ?? {}
    expect(lastError?.reason).toMatch(/^https:\/\/example\.com\/… said x+$/)
    expect(lastError?.reason.length).toBeLessThan(300)
  })
})
