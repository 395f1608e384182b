import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  limits,
  patternCovers,
  patternProblem,
  patternsMeet,
  resourceSubject,
  subjectMatches,
  subjectProblem,
  token,
} from '../../shared/subject.ts'

describe('token()', () => {
  it.each([
    ['ip-10-0-0-1.ec2.internal', 'ip-10-0-0-1_ec2_internal'],
    ['MyNode', 'mynode'],
    ['a b\t*>', 'a_b___'],
    ['Köln', 'k_ln'],
    ['🚀', '_'],
    ['\u212a', '_'],
  ])('makes of %j the one token %j', (name, made) => {
    expect(token(name)).toBe(made)
  })

  it('refuses an empty name', () => {
    expect(() => token('')).toThrow(/empty name/)
  })

  it('makes one token of any name, and nothing else of that', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }), name => {
        const made = token(name)
        expect(subjectProblem(made)).toBeUndefined()
        expect(made).not.toContain('.')
        expect(token(made)).toBe(made)
      }),
    )
  })
})

describe('resourceSubject()', () => {
  const about = { cluster: 'C1', plural: 'pods', name: 'web.0', observation: 'events' } as const

  it('puts a namespaced resource below its namespace', () => {
    expect(resourceSubject({ ...about, namespace: 'Prod' })).toBe(
      'ops.clusters.c1.namespaces.prod.pods.web_0.events',
    )
  })

  it('puts a cluster-scoped one below its cluster', () => {
    expect(resourceSubject({ ...about, plural: 'nodes' })).toBe('ops.clusters.c1.nodes.web_0.events')
  })
})

describe('subjectProblem()', () => {
  it.each([
    ['', /^it is empty$/],
    ['.', /^token 1 is empty$/],
    ['ops..pods', /^token 2 is empty$/],
    ['ops.pods.', /^token 3 is empty$/],
    ['ops.a b', /^token 2 has the character " "$/],
    ['ops.a\u0000', /^token 2 has the character "\\u0000"$/],
    ['ops.é', /^token 2 has the character "é"$/],
    ['ops.🚀', /^token 2 has the character "🚀"$/],
    ['ops.*', /^token 2 has the character "\*"$/],
    ['ops.>', /^token 2 has the character ">"$/],
    [
      Array(limits.tokens + 1)
        .fill('a')
        .join('.'),
      /^it has 33 tokens, at most 32 are allowed$/,
    ],
    ['a'.repeat(limits.characters + 1), /^it has 1025 characters, at most 1024 are allowed$/],
  ])('says what is wrong with %j', (text, problem) => {
    expect(subjectProblem(text)).toMatch(problem)
  })

  it('says what is too long', () => {
    expect(subjectProblem('a.'.repeat(limits.tokens))).toBe('it has 33 tokens, at most 32 are allowed')
    expect(subjectProblem('a'.repeat(1025))).toBe('it has 1025 characters, at most 1024 are allowed')
  })

  it('finds nothing wrong with visible ASCII between dots', () => {
    const visible = fc.string({
      unit: fc.constantFrom(...'azAZ09-_/$%"{}~!'),
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(fc.array(visible, { minLength: 1, maxLength: limits.tokens }), tokens => {
        expect(subjectProblem(tokens.join('.'))).toBeUndefined()
      }),
    )
  })
})

describe('patternProblem()', () => {
  it.each(['>', '*', 'ops.>', 'ops.*.pods.*', '*.>'])('finds nothing wrong with %j', pattern => {
    expect(patternProblem(pattern)).toBeUndefined()
  })

  it.each([
    ['ops.>.pods', /^token 2 is ">", which is allowed only at the end$/],
    ['ops.a*', /^token 2 has the character "\*"$/],
    ['ops..*', /^token 2 is empty$/],
  ])('says what is wrong with %j', (pattern, problem) => {
    expect(patternProblem(pattern)).toMatch(problem)
  })
})

const word = fc.constantFrom('a', 'b', 'c')
const subjects = fc.array(word, { minLength: 1, maxLength: 5 }).map(tokens => tokens.join('.'))
const patterns = fc
  .tuple(fc.array(fc.oneof(word, fc.constant('*')), { maxLength: 4 }), fc.option(fc.constantFrom('>', 'a')))
  .map(([tokens, last]) => [...tokens, ...(last ? [last] : [])])
  .filter(tokens => tokens.length > 0)
  .map(tokens => tokens.join('.'))

describe('subjectMatches()', () => {
  it.each([
    ['ops.>', 'ops', false],
    ['ops.>', 'ops.a.b', true],
    ['ops.*', 'ops.a.b', false],
    ['ops.*.b', 'ops.a.b', true],
    ['ops.a', 'ops.a.b', false],
  ])('%s and %s: %s', (pattern, subject, matches) => {
    expect(subjectMatches(pattern, subject)).toBe(matches)
  })

  it('agrees with the same pattern as a regular expression', () => {
    fc.assert(
      fc.property(patterns, subjects, (pattern, subject) => {
        const wanted = pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace('>', '.+')
        expect(subjectMatches(pattern, subject)).toBe(new RegExp(`^${wanted}$`).test(subject))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('patternCovers()', () => {
  it('covers itself', () => {
    fc.assert(
      fc.property(patterns, pattern => {
        expect(patternCovers(pattern, pattern)).toBe(true)
      }),
    )
  })

  it('lets nothing through that the wider pattern does not match', () => {
    fc.assert(
      fc.property(patterns, patterns, subjects, (outer, inner, subject) => {
        fc.pre(patternCovers(outer, inner) && subjectMatches(inner, subject))
        expect(subjectMatches(outer, subject)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['ops.>', '>'],
    ['ops.a', 'ops.*'],
    ['ops.*', 'ops.>'],
    ['ops.*.*', 'ops.*'],
  ])('%s does not cover %s', (outer, inner) => {
    expect(patternCovers(outer, inner)).toBe(false)
  })
})

describe('patternsMeet()', () => {
  it.each([
    ['ops.>', 'ops.a', true],
    ['ops.>', 'ops', false],
    ['ops.*.b', 'ops.a.*', true],
    ['ops.*.b', 'ops.a.c', false],
    ['ops.*', 'ops.a.b', false],
    ['>', '*', true],
    ['ops.a.>', 'ops.*.b.c', true],
    ['ops.a.>', 'ops.b.>', false],
  ])('%s and %s: %s', (one, other, meets) => {
    expect([patternsMeet(one, other), patternsMeet(other, one)]).toEqual([meets, meets])
  })
})
