import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern, PatternError } from '../../shared/pattern.ts'

const refusal = (source: string): PatternError => {
  try {
    compilePattern(source)
  } catch (error) {
    if (error instanceof PatternError) return error
    throw error
  }
  throw new Error(`Expected "${source}" to be refused`)
}

// What RE2 and V8 read alike: no classes with negation of newlines, no word boundaries beyond ASCII, no greed to see.
const plain = fc.constantFrom('a', 'b', 'c', 'ab', '\\n', '.', '[ab]', '[^a]', '\\d', '\\w', '\\.', '中')
const edge = fc.constantFrom('^', '$', '\\b', '')
const counted = fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?')
const { pattern } = fc.letrec<{ pattern: string; part: string; group: string }>(tie => ({
  group: fc.tuple(fc.constantFrom('(', '(?:'), tie('pattern')).map(([open, inner]) => `${open}${inner})`),
  part: fc
    .tuple(fc.oneof({ maxDepth: 3, depthSize: 'small', withCrossShrink: true }, plain, tie('group')), counted)
    .map(([atom, count]) => (atom === 'ab' && count ? `(?:ab)${count}` : atom + count)),
  pattern: fc
    .array(fc.tuple(edge, fc.array(tie('part'), { maxLength: 3 }), edge), { minLength: 1, maxLength: 2 })
    .map(options => options.map(([start, parts, end]) => start + parts.join('') + end).join('|')),
}))
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'ab', '\n', '1', '.', ' ', '中'), { maxLength: 8 })
  .map(parts => parts.join(''))

describe('compilePattern()', () => {
  test.each([
    ['(?i)backoff', 'BackOff', true],
    ['backoff', 'BackOff', false],
    ['(?s)a.b', 'a\nb', true],
    ['a.b', 'a\nb', true],
    ['(?-s)a.b', 'a\nb', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?P<n>a+)b', 'xaab', true],
    ['(?<n>a+)b', 'xaab', true],
    ['\\Aab\\z', 'ab', true],
    ['\\Aab\\z', 'ab\n', false],
    ['[[:alpha:]]+9', 'x9', true],
    ['\\Qa.b\\E', 'a.b', true],
    ['\\Qa.b\\E', 'axb', false],
    ['\\pL\\p{Han}', 'a中', true],
    ['\\101\\x42\\x{43}', 'ABC', true],
    ['', 'anything', true],
  ])('says of %s and %j: %s', (source, text, matches) => {
    expect(compilePattern(source).test(text)).toBe(matches)
  })

  const documented =
    '(?=.*(kube|etcd|calico|csi|fluid)).*(BackOff|OOMKilled|Evicted|NetworkNotReady|Unhealthy|Error|Failed|ImagePullBackOff).*'
  test.each([
    [documented, 'namespace: kube-system \nreason: BackOff \n', true],
    [documented, 'reason: BackOff \nnamespace: kube-system \n', true],
    [documented, 'namespace: default \nreason: BackOff \n', false],
    [documented, 'namespace: kube-system \nreason: Pulled \n', false],
    ['(?=.*(kube|etcd|calico)).*(BackOff|OOMKilled|Error|Failed).*', 'Failed: etcd', true],
    ['(?=.*a)(?=.*b)', 'b a', true],
    ['^(?=.*a)(?!.*x).*b', 'b a', true],
    ['^(?=.*a)(?!.*x).*b', 'b a x', false],
    ['(?i)(?=.*A).*B', 'b a', true],
    ['(?=.*a)^b', 'ba', true],
    ['(?=.*a)^b', ' ba', false],
    ['^(?=a)a\\Q)b', 'a)b', true],
  ])('reads look-aheads as conditions: %s and %j: %s', (source, text, matches) => {
    expect(compilePattern(source).test(text)).toBe(matches)
  })

  test.each([
    ['(?<=a)b', 0, 'look-behind at position 0 is not in RE2 syntax'],
    ['b(?<!a)', 1, 'negative look-behind at position 1 is not in RE2 syntax'],
    ['(a)\\1', 3, 'back-reference at position 3 is not in RE2 syntax'],
    ['(?P<n>a)(?P=n)', 8, 'back-reference at position 8 is not in RE2 syntax'],
    ['(?>a)', 0, 'atomic group at position 0 is not in RE2 syntax'],
    ['a++', 2, 'possessive quantifier at position 2 is not in RE2 syntax'],
    ['xa{1001}', 2, 'repeat {1001} at position 2 is over 1000'],
    ['(?:a{500}){3}', 10, 'invalid repeat count "{3}" at position 10'],
    ['*test*', 0, '"*" at position 0 has nothing to repeat'],
    ['ab(cd', 2, '"(" at position 2 is not closed'],
    ['ab)', 2, '")" at position 2 closes nothing'],
    ['a[b', 1, '"[" at position 1 is not closed'],
    ['x[z-a]', 2, 'invalid character class range "z-a" at position 2'],
    ['a\\y', 1, 'escape "\\y" at position 1 is not in RE2 syntax'],
    [
      '(?=.*a)b',
      0,
      'look-ahead at position 0 is not in RE2 syntax, and can be replaced only after "^", or where both it and what follows start with ".*"',
    ],
    [
      '(?!.*a).*b',
      0,
      'negative look-ahead at position 0 is not in RE2 syntax, and can be replaced only after "^"',
    ],
    [
      'a(?=b)',
      1,
      'look-ahead at position 1 is not in RE2 syntax, and can be replaced only at the start of the whole pattern',
    ],
    [
      'c|(?=.*a).*b',
      2,
      'look-ahead at position 2 is not in RE2 syntax, and can be replaced only at the start of the whole pattern',
    ],
    ['(?:[a-z]?){1000}', 0, 'it takes 2002 instructions, at most 1000 are allowed'],
  ])('refuses %s at position %i', (source, position, reason) => {
    const error = refusal(source)
    expect(error.position).toBe(position)
    expect(error.reason).toBe(reason)
  })

  test('refuses what is too large before it is compiled', () => {
    expect(refusal('.{1000}'.repeat(100)).reason).toBe(
      'it takes 100000 instructions, at most 1000 are allowed',
    )
    expect(refusal('a'.repeat(1025)).reason).toBe('it has 1025 characters, at most 1024 are allowed')
  })

  test('matches a pattern that makes others backtrack for ever', () => {
    expect(compilePattern('^(a+)+$').test(`${'a'.repeat(4000)}b`)).toBe(false)
  })

  test('says what it could not compile and why', () => {
    expect(refusal('(?<=a)b').message).toBe(
      'Cannot compile pattern "(?<=a)b": look-behind at position 0 is not in RE2 syntax',
    )
  })

  test('takes any text as a pattern or refuses it, and throws nothing else', () => {
    const letters = fc.constantFrom(...('ab01.*+?{}()[]|^$\\=!<>:-,QEimsPxpkL中😀\n'.match(/./gsu) ?? []))
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 20 }), source => {
        try {
          compilePattern(source)
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('matches as V8 does where both read a pattern alike', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
        const ours = compiledOrNot(source)
        if (!ours) return
        const theirs = new RegExp(source, 's')
        for (const one of texts) expect(ours.test(one), one).toBe(theirs.test(one))
      }),
      { numRuns: 1000 },
    )
  })

  test('answers with replaced look-aheads as V8 does with its own', () => {
    const body = fc.tuple(fc.constantFrom('.*', '.+', '', '.*?'), pattern).map(parts => parts.join(''))
    const look = fc
      .tuple(fc.constantFrom('(?=', '(?=', '(?!'), body)
      .map(([open, inner]) => `${open}${inner})`)
    const source = fc
      .tuple(fc.constantFrom('^', '', ''), fc.array(look, { minLength: 1, maxLength: 3 }), body)
      .map(([start, looks, rest]) => start + looks.join('') + rest)
    let honoured = 0
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
        const ours = compiledOrNot(source)
        if (!ours) return
        honoured++
        const theirs = new RegExp(source, 's')
        for (const one of texts) expect(ours.test(one), one).toBe(theirs.test(one))
      }),
      { numRuns: 2000 },
    )
    expect(honoured).toBeGreaterThan(200)
  })
})

describe('literals', () => {
  test.each([
    ['.*(BackOff|OOMKilled|Evicted).*', ['BackOff', 'OOMKilled', 'Evicted']],
    ['.*(BackOff|ImagePullBackOff).*', ['BackOff']],
    ['\\bpod-\\d+ failed', [' failed']],
    ['^cluster: .*gpu-node-17', ['gpu-node-17']],
    ['(?i)backoff', undefined],
    ['(?i:back)Off', ['Off']],
    ['Back-?Off', ['BackOff', 'Back-Off']],
    ['(Failed)+ (to|for) pull', ['Failed']],
    ['Failed|', undefined],
    ['Failed|\\d+', undefined],
    ['(Failed)?x', undefined],
    ['\\Qa.b\\Ec[.]d', ['a.bc.d']],
    ['错误|失败', ['错误', '失败']],
    ['(?=.*(kube|etcd)).*(BackOff|Evicted).*', ['BackOff', 'Evicted']],
    ['^(?!.*healthcheck)', undefined],
    ['', undefined],
  ])('of %s are %j', (source, literals) => {
    expect(compilePattern(source).literals).toEqual(literals)
  })

  test('stand in every text that matches', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 8, maxLength: 8 }), (source, texts) => {
        const { literals, test } = compiledOrNot(source) ?? {}
        if (!literals || !test) return
        for (const one of texts.filter(test))
          expect(
            literals.some(word => one.includes(word)),
            one,
          ).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

function compiledOrNot(source: string) {
  try {
    return compilePattern(source)
  } catch (error) {
    if (error instanceof PatternError) return undefined
    throw error
  }
}
