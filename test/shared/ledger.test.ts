import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addCounts, addLines, balance, type Counts, type Line, suppressed } from '../../shared/ledger.ts'
import { Counted } from '../../shared/tally.ts'

const counts = (): fc.Arbitrary<Counts> =>
  fc.dictionary(fc.constantFrom(...Counted.options), fc.integer({ min: 0, max: 1_000_000 }), {
    noNullPrototype: true,
  })
const line = (): fc.Arbitrary<Line> =>
  fc.record(
    {
      counts: counts(),
      lastMatched: fc.integer({ min: 1, max: 1_000 }),
      lastError: fc.integer({ min: 1, max: 1_000 }).map(at => ({ at, reason: `at ${at}` })),
    },
    { requiredKeys: ['counts'], noNullPrototype: true },
  )
const nonZero = (of: Counts) => Object.fromEntries(Object.entries(of).filter(([, times]) => times !== 0))
const plain = (of: Line) => ({ ...of, counts: nonZero(of.counts) })

describe('addCounts()', () => {
  it('adds each word apart, in any order', () => {
    expect(addCounts({ matched: 2, dedup: 1 }, { matched: 3, queued: 4 })).toEqual({
      matched: 5,
      dedup: 1,
      queued: 4,
    })
    fc.assert(
      fc.property(counts(), counts(), counts(), (a, b, c) => {
        expect(nonZero(addCounts(a, b))).toEqual(nonZero(addCounts(b, a)))
        expect(nonZero(addCounts(addCounts(a, b), c))).toEqual(nonZero(addCounts(a, addCounts(b, c))))
      }),
    )
  })
})

describe('addLines()', () => {
  it('has the later of what is last, in any order', () => {
    fc.assert(
      fc.property(line(), line(), line(), (a, b, c) => {
        expect(plain(addLines(a, b))).toEqual(plain(addLines(b, a)))
        expect(plain(addLines(addLines(a, b), c))).toEqual(plain(addLines(a, addLines(b, c))))
        expect(addLines(a, b).lastMatched ?? 0).toBe(Math.max(a.lastMatched ?? 0, b.lastMatched ?? 0))
      }),
    )
  })
})

describe('balance()', () => {
  it('is even whatever became of matches, and says by how much it is not', () => {
    const ends = fc.constantFrom(
      'dedup',
      'threshold',
      'storm',
      'silenced',
      'suspended',
      'republished',
      'refused',
      'queued',
    )
    const way = fc.record({
      of: fc.constantFrom('matched' as const, 'notices' as const),
      end: ends,
      became: fc.constantFrom('delivered' as const, 'dead' as const, 'waiting' as const),
    })
    fc.assert(
      fc.property(fc.array(way), ways => {
        let sum: Counts = {}
        let waiting = 0
        for (const { of, end, became } of ways) {
          sum = addCounts(sum, { [of]: 1, [end]: 1 })
          if (end !== 'queued') continue
          if (became === 'waiting') waiting++
          else sum = addCounts(sum, { [became]: 1 })
        }
        expect(balance(sum, waiting)).toEqual({ matched: 0, queued: 0 })
        expect(balance(addCounts(sum, { matched: 1, queued: 3 }), waiting)).toEqual({
          matched: -2,
          queued: 3,
        })
      }),
    )
  })

  it('counts as suppressed what was held back, and no refusal', () => {
    expect(
      suppressed({ dedup: 1, threshold: 2, storm: 4, silenced: 8, suspended: 16, refused: 32, dead: 64 }),
    ).toBe(31)
  })
})
