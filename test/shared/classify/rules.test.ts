import { describe, expect, it } from 'vitest'
import { fits } from '../../../shared/classify/rule.ts'
import { parseRules } from '../../../shared/classify/rules.ts'
import type { OpsEvent } from '../../../shared/event.ts'

const event: OpsEvent = {
  ...{ specversion: '1.0', id: 'e1', source: 'https://a.example', type: 'Kube' },
  data: {
    kind: 'Pod',
    reason: 'BackOff',
    type: 'Warning',
    namespace: 'shop',
    from: 'kubelet',
    message: 'a\nb',
  },
}

describe('parseRules()', () => {
  it('reads no rules of an empty file', () => {
    expect(parseRules('')).toEqual([])
    expect(parseRules('# none yet\n')).toEqual([])
    expect(parseRules('[]')).toEqual([])
  })

  it.each([
    ['- {reson: A, severity: info}', 'line 1: there is no field "reson", did you mean "reason"?'],
    [
      '# x\n\n- reason: A\n  colour: red\n  severity: info',
      'line 4: there is no field "colour", it may have',
    ],
    ['- reason: A\n  severity: bad', 'line 2: severity: it has to be info, warning, error, critical'],
    ['- reason: A\n  category: Big Bang', 'line 2: category: it has to be of lower-case letters'],
    ['- reason: A\n  category: 5', 'line 2: category: it has to be a text'],
    ['- message: "a("\n  severity: info', 'line 1: message: Cannot compile pattern "a(": '],
    ['- message: (?=a\n  severity: info', 'line 1: message: Cannot compile pattern'],
    [`- message: ${'a{100}'.repeat(20)}\n  severity: info`, 'at most 1000 are allowed'],
    [
      '- reason: A\n- reason: B\n  severity: info',
      'line 1: it says nothing: give it a category or a severity',
    ],
    ['- severity: info', 'line 1: it would fit every event: give it one of kind, reason'],
    ['- reason:\n    a: b\n  severity: info', 'line 1: reason: it has to be a text, or a list of texts'],
    ['- reason: [A, 5]\n  severity: info', 'line 1: reason: it has to be a text, or a list of texts'],
    ['- reason: []\n  severity: info', 'line 1: reason: it is empty'],
    ['reason: A\nseverity: info', 'line 1: it has to be a list of rules'],
    ['- just a text', 'line 1: it has to be a rule such as'],
    ['- {reason: A, severity: info}\n- {reason: B\n', 'line 3: '],
    ['- {reason: A, reason: B, severity: info}', 'line 1: Map keys must be unique'],
    ['- &a {reason: A, severity: info}\n- *b', 'line 2: there is no anchor "&b" above it'],
    [`- {reason: A, severity: info}\n`.repeat(201), 'line 1: at most 200 rules are allowed'],
  ])('refuses %j', (text, said) => {
    expect(() => parseRules(text)).toThrow(said)
  })

  it('names everything that is wrong', () => {
    const text = '- {reason: A, severity: bad}\n- {reason: B, severity: info}\n- {kid: Pod, category: x}'
    expect(() => parseRules(text)).toThrow(/^line 1: .*; line 3: .*"kid", did you mean "kind"/)
  })
})

describe('fits()', () => {
  it.each([
    ['{kind: Pod}', true],
    ['{kind: pod}', false],
    ['{kind: [Node, Pod], reason: BackOff, type: Warning, namespace: shop, from: kubelet}', true],
    ['{kind: [Node, Pod], reason: BackOff, type: Normal}', false],
    ['{type: Kube}', true],
    ['{source: "https://a.example"}', true],
    ['{source: "https://b.example", kind: Pod}', false],
    ['{message: "^a.b$"}', true],
    ['{message: "(?i)B"}', true],
    ['{message: c}', false],
    ['{reason: toString}', false],
  ])('says of the rule %s: %s', (rule, expected) => {
    const [parsed] = parseRules(`- ${rule.replace(/}$/, ', severity: info}')}`)
    expect(parsed && fits(parsed, event)).toBe(expected)
  })

  it('takes the namespace of the subject where the data has none', () => {
    const [rule] = parseRules('- {namespace: shop, severity: info}')
    const subject = 'ops.clusters.c.namespaces.shop.pods.web-1.events'
    expect(rule && fits(rule, { ...event, subject, data: { reason: 'A' } })).toBe(true)
    expect(rule && fits(rule, { ...event, subject, data: { namespace: 'bank' } })).toBe(false)
  })

  it('finds nothing in data that is no object, nor in a message that is none', () => {
    const [about, says] = parseRules('- {kind: Pod, severity: info}\n- {message: a, severity: info}')
    for (const data of [undefined, null, 'Pod', [1], { kind: ['Pod'], message: 5 }]) {
      expect(about && fits(about, { ...event, data })).toBe(false)
      expect(says && fits(says, { ...event, data })).toBe(false)
    }
  })
})
