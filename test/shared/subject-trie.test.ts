import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { subjectMatches } from '../../shared/subject.ts'
import { subjectTrie } from '../../shared/subject-trie.ts'

const token = fc.constantFrom('ops', 'pods', 'nodes', 'c1', 'ns1')
const subject = fc.array(token, { minLength: 1, maxLength: 6 }).map(tokens => tokens.join('.'))
const pattern = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: token }, fc.constant('*')), { minLength: 1, maxLength: 6 }),
    fc.boolean(),
  )
  .map(([tokens, tail]) => [...tokens, ...(tail ? ['>'] : [])].join('.'))

describe('subjectTrie()', () => {
  test.each([
    ['ops.clusters.*.nodes.*.events', 'ops.clusters.c1.nodes.n1.events', true],
    ['ops.clusters.*.nodes.*.events', 'ops.clusters.c1.nodes.n1.alerts', false],
    ['ops.>', 'ops.clusters', true],
    ['ops.>', 'ops', false],
    ['>', 'ops', true],
    ['ops.*', 'ops', false],
    ['ops.*', 'ops.a.b', false],
    ['ops', 'ops', true],
    ['ops', 'opsx', false],
    ['opsx', 'ops', false],
  ])('says for "%s" and "%s": %s', (pattern, subject, matches) => {
    const trie = subjectTrie([[pattern, 1]])
    expect(trie.matches(subject)).toEqual(matches ? [1] : [])
    expect(trie.any(subject)).toBe(matches)
  })

  test('finds nothing when it is empty', () => {
    expect(subjectTrie([]).any('ops.a')).toBe(false)
  })

  test('gives every value of a pattern that stands more than once', () => {
    const trie = subjectTrie([
      ['ops.*', 'first'],
      ['ops.*', 'second'],
      ['ops.a', 'third'],
    ])
    expect(trie.matches('ops.a').toSorted()).toEqual(['first', 'second', 'third'])
  })

  test('answers as subjectMatches does, one by one', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 12 }), subject, (patterns, subject) => {
        const trie = subjectTrie(patterns.map((pattern, index) => [pattern, index]))
        const expected = [...patterns.keys()].filter(index => subjectMatches(patterns[index] ?? '', subject))
        expect(trie.matches(subject).toSorted((a, b) => a - b)).toEqual(expected)
        expect(trie.any(subject)).toBe(expected.length > 0)
      }),
      { numRuns: 1000 },
    )
  })
})
