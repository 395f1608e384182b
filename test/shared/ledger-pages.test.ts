import { describe, expect, it } from 'vitest'
import {
  byPage,
  goneAfter,
  type Page,
  type Posting,
  pageCount,
  pageOf,
  postHead,
  postPage,
  sweptPage,
} from '../../shared/ledger-pages.ts'

const posting = (seq: number, id: string, matched: number, patterns = {}): Posting => ({
  seq,
  sums: { received: 1, patterns, hooks: { [id]: { counts: { matched } } } },
})

describe('pageOf()', () => {
  it('spreads many hooks evenly', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => pageOf(`namespace-${index % 50}/hook-${index}`))
    const sizes = Map.groupBy(many, page => page)
    expect(sizes.size).toBe(pageCount)
    expect(Math.max(...[...sizes.values()].map(({ length }) => length))).toBeLessThan(250)
  })
})

describe('byPage()', () => {
  it('has each hook and each pattern on its page, with the place of its entry', () => {
    const pages = byPage([posting(1, 'n/a', 1, { 'ops.>': 1 }), posting(2, 'n/a', 2), posting(3, 'n/b', 3)])
    expect(
      pages.get(pageOf('n/a'))?.map(({ seq, sums }) => [seq, sums.hooks['n/a']?.counts.matched]),
    ).toEqual([
      [1, 1],
      [2, 2],
    ])
    expect(pages.get(pageOf('ops.>'))?.[0]?.sums.patterns).toEqual({ 'ops.>': 1 })
    expect([...pages.keys()].sort()).toEqual([...new Set(['n/a', 'n/b', 'ops.>'].map(pageOf))].sort())
  })
})

describe('postPage() and postHead()', () => {
  const journal = 'made at one'
  const postings = [posting(4, 'n/a', 1), posting(5, 'n/a', 10), posting(7, 'n/a', 100)]

  it('pass over what was posted before', () => {
    const page = postPage(undefined, postings.slice(0, 2), { journal, seq: 5 })
    const head = postHead(undefined, postings.slice(0, 2), { journal, seq: 5 })
    expect(postPage(page, postings, { journal, seq: 7 }).hooks).toEqual({
      'n/a': { counts: { matched: 111 } },
    })
    expect(postHead(head, postings, { journal, seq: 7 })).toEqual({
      at: { journal, seq: 7 },
      received: 3,
      counts: { matched: 111 },
    })
  })

  it('stay where they are when somebody has read further', () => {
    const page = postPage(undefined, postings, { journal, seq: 7 })
    expect(postPage(page, postings.slice(0, 1), { journal, seq: 4 })).toEqual(page)
  })

  it('go on with a journal that was made anew, from its beginning', () => {
    const page = postPage(undefined, postings, { journal, seq: 7 })
    const anew = { journal: 'made at two', seq: 1 }
    expect(postPage(page, [posting(1, 'n/a', 1_000)], anew)).toMatchObject({
      at: anew,
      hooks: { 'n/a': { counts: { matched: 1_111 } } },
    })
  })
})

describe('sweptPage()', () => {
  const page: Page = {
    at: { journal: '', seq: 1 },
    patterns: { 'ops.>': 3, 'ops.a': 1 },
    hooks: { 'n/a': { counts: { matched: 1 } }, 'n/b': { counts: {} } },
    gone: {},
  }
  const inForce = (name: string) => name === 'n/a' || name === 'ops.>'

  it('lets go of what has been gone for a day', () => {
    const noted = sweptPage(page, inForce, 1_000)
    expect(noted).toEqual({ ...page, gone: { 'ops.a': 1_000, 'n/b': 1_000 } })
    expect(noted && sweptPage(noted, inForce, 2_000)).toBeUndefined()
    expect(noted && sweptPage(noted, inForce, 1_000 + goneAfter)).toEqual({
      ...page,
      ...{ patterns: { 'ops.>': 3 }, hooks: { 'n/a': { counts: { matched: 1 } } }, gone: {} },
    })
  })

  it('keeps what comes back', () => {
    const noted = sweptPage(page, inForce, 1_000)
    expect(noted && sweptPage(noted, () => true, 1_000 + goneAfter)).toEqual(page)
    expect(sweptPage(page, () => true, 1_000)).toBeUndefined()
  })
})
