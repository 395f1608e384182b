// biome-ignore-all lint/suspicious/noTemplateCurlyInString: conditions are full of them
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Condition, Operand } from '../../../../functions/cron-taskrun/script/condition.ts'
import { holds } from '../../../../functions/cron-taskrun/script/holds.ts'
import { readCondition } from '../../../../functions/cron-taskrun/script/read-condition.ts'
import { shellTest } from '../../../../functions/cron-taskrun/script/shell-test.ts'
import { outputName } from '../../../../functions/cron-taskrun/script/step.ts'
import { hostile, run, shells } from './world.ts'

const text = (of: string): Operand => ({ text: of })
const constant = (value: boolean): Condition => ({ is: 'constant', value })
const equal = (left: string, right: string): Condition => ({
  is: 'equal',
  left: text(left),
  right: text(right),
})

const read: [string, Condition][] = [
  ['true', constant(true)],
  ['Yes', constant(true)],
  ['1', constant(true)],
  [' off ', constant(false)],
  ['0', constant(false)],
  ['!true', { is: 'not', of: constant(true) }],
  ['not no', { is: 'not', of: constant(false) }],
  ['not not true', { is: 'not', of: { is: 'not', of: constant(true) } }],
  ['(((true)))', constant(true)],
  ['${clear}', { is: 'truth', of: text('${clear}') }],
  ['!${clear}', { is: 'not', of: { is: 'truth', of: text('${clear}') } }],
  ['"${clear}"', { is: 'truth', of: text('${clear}') }],
  ['${steps.a.output}', { is: 'truth', of: { step: 'a' } }],
  ['${namespace} == "all"', equal('${namespace}', 'all')],
  ['${namespace}=="all"', equal('${namespace}', 'all')],
  ['${action}==apply', equal('${action}', 'apply')],
  ['${password} != ""', { is: 'different', left: text('${password}'), right: text('') }],
  ['hello world == a b', equal('hello world', 'a b')],
  ["'a == b' == \"it's\"", equal('a == b', "it's")],
  ['a-b.c:/d@e% == x', equal('a-b.c:/d@e%', 'x')],
  ['"${steps.a-1.output}" > 5', { is: 'more', left: { step: 'a-1' }, right: text('5') }],
  ['1 < 2', { is: 'less', left: text('1'), right: text('2') }],
  ['1 <= 2', { is: 'atMost', left: text('1'), right: text('2') }],
  ['1 =< 2', { is: 'atMost', left: text('1'), right: text('2') }],
  ['1>=2', { is: 'atLeast', left: text('1'), right: text('2') }],
  ['startwith(${a}, ops-)', { is: 'starts', text: text('${a}'), with: text('ops-') }],
  ['startswith( ${a} ,"x,y")', { is: 'starts', text: text('${a}'), with: text('x,y') }],
  [
    'not endwith(${steps.b.output}, .log)',
    { is: 'not', of: { is: 'ends', text: { step: 'b' }, with: text('.log') } },
  ],
  ['not a == b', { is: 'not', of: equal('a', 'b') }],
  ['a == b && c == d', { is: 'both', of: [equal('a', 'b'), equal('c', 'd')] }],
  ['a == b and not c == d', { is: 'both', of: [equal('a', 'b'), { is: 'not', of: equal('c', 'd') }] }],
  [
    'a == b || c == d && (yes or no)',
    {
      is: 'either',
      of: [
        equal('a', 'b'),
        { is: 'both', of: [equal('c', 'd'), { is: 'either', of: [constant(true), constant(false)] }] },
      ],
    },
  ],
]

const refused: [string, RegExp][] = [
  ['', /^Expected a text at position 0/],
  ['maybe', /^"maybe" is neither true nor false, .* at position 0 of "maybe"$/],
  ['constructor', /^"constructor" is neither true nor false/],
  ['a ==', /^Expected a text at position 4/],
  ['== b', /^Expected a text at position 0/],
  ['a = b', /^Unexpected "= b"|neither true/],
  ['a == b == c', /^Unexpected "== c" at position 7/],
  ['(a == b', /^Expected "\)" at position 7/],
  ['a == b)', /^Unexpected "\)" at position 6/],
  ['contains(a, b)', /^There is no function "contains".* at position 0/],
  ['startwith(a)', /^Expected "," at position 11/],
  ['startwith(a, b', /^Expected "\)" at position 14/],
  ['"a == b', /^A quotation is not closed, which starts at position 0/],
  ['a == b &&', /^Expected a text at position 9/],
  ['"a" b == c', /^Unexpected "b == c" at position 4|neither/],
  [`${'!'.repeat(100)}true`, /^It goes too deep at position 5\d/],
  ['('.repeat(100), /^It goes too deep/],
  ['x'.repeat(5000), /^It has 5000 characters, at most 4096 are allowed/],
]

describe('readCondition()', () => {
  it.each(read)('reads %s', (said, condition) => {
    expect(readCondition(said)).toEqual(condition)
  })

  it.each(refused)('refuses %s', (said, why) => {
    expect(readCondition(said)).toEqual({ problem: expect.stringMatching(why) })
  })

  it('says something of any text, in no time', () => {
    const signs = fc.constantFrom(
      '==',
      '!=',
      '<',
      '(',
      ')',
      '!',
      '"',
      "'",
      ',',
      ' ',
      '&&',
      '||',
      'not ',
      'a',
      '${',
      '}',
      '=',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(signs, { maxLength: 60 }).map(all => all.join('')),
        ),
        said => {
          const made = readCondition(said)
          expect('is' in made || made.problem.length < 400).toBe(true)
        },
      ),
    )
  })
})

// [condition, output of step a, what it says]
const told: [string, string, boolean | RegExp][] = [
  ['${steps.a.output} == ALL', ' "all" ', true],
  ['${steps.a.output} != all', 'ALL', false],
  ['${steps.a.output} == straße', 'STRASSE', false],
  ['${steps.a.output} > 9', '10', true],
  ['${steps.a.output} > 9', ' 9.50 ', true],
  ['${steps.a.output} >= -9.5', '-9.50', true],
  ['${steps.a.output} < -9.5', '-10', true],
  ['${steps.a.output} <= 0', '-0.0', true],
  ['${steps.a.output} < 9007199254740993', '9007199254740992', true],
  ['${steps.a.output} > 85', '85%', /^The output of step "a" is no number: "85%"$/],
  ['${steps.a.output} > 85', '', /is no number: ""$/],
  ['1 > x', '', /^The value is no number: "x"$/],
  ['startwith(${steps.a.output}, Ab)', 'Abc', true],
  ['startwith(${steps.a.output}, ab)', 'Abc', false],
  ['endwith(${steps.a.output}, "*")', 'a', false],
  ['${steps.a.output}', 'On', true],
  ['${steps.a.output}', '', false],
  ['${steps.a.output}', 'perhaps', /^The output of step "a" is neither true nor false: "perhaps"$/],
  ['not ${steps.a.output} > 1', 'x', /no number/],
  ['no && ${steps.a.output} > 1', 'x', false],
  ['yes || ${steps.a.output} > 1', 'x', true],
]

describe('holds()', () => {
  it.each(told)('%s of %j is %s', (said, output, answer) => {
    const condition = readCondition(said)
    if ('problem' in condition) throw new Error(condition.problem)
    expect(holds(condition, () => output)).toEqual(
      typeof answer === 'boolean' ? answer : { problem: expect.stringMatching(answer) },
    )
  })
})

const value = fc.oneof(
  fc.constantFrom(
    ...Object.values(hostile),
    'true',
    'NO',
    ' on ',
    '"1"',
    '5',
    '5.0',
    '-5',
    '05',
    '.5',
    '5.',
    '-0',
    '1e3',
    'É',
  ),
  fc.constantFrom(
    '"',
    "''",
    '" a "',
    '\'a"',
    '\ta\n',
    '\\',
    '%s',
    '-n',
    '=',
    '!',
    '(',
    '-a',
    '*',
    '?',
    '[',
    ']',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }).map(text => text.toWellFormed().replaceAll('\0', '')),
  fc.integer().map(String),
  fc.tuple(fc.integer(), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
)
const operand: fc.Arbitrary<Operand> = fc.oneof(
  value.map(text),
  fc.constantFrom('a', 'b-c').map(step => ({ step })),
)
const { condition } = fc.letrec<{ condition: Condition }>(tie => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.record({ is: fc.constantFrom('equal', 'different'), left: operand, right: operand }),
    fc.record({ is: fc.constantFrom('less', 'atMost', 'more', 'atLeast'), left: operand, right: operand }),
    fc.record({ is: fc.constantFrom('starts', 'ends'), text: operand, with: operand }),
    fc.record({ is: fc.constant('truth'), of: operand }),
    fc.record({ is: fc.constant('constant'), value: fc.boolean() }),
    fc.record({ is: fc.constant('not'), of: tie('condition') }),
    fc.record({
      is: fc.constantFrom('both', 'either'),
      of: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}))

describe.each(shells.map(shell => [shell.join(' '), shell] as const))('shellTest() under %s', (_, shell) => {
  it('says what holds() says, whatever the values are', () => {
    fc.assert(
      fc.property(fc.array(condition, { minLength: 20, maxLength: 30 }), value, value, (all, a, b) => {
        const outputs: Record<string, string> = { a, 'b-c': b }
        const env = Object.fromEntries(
          Object.entries(outputs).map(([step, output]) => [outputName(step), output]),
        )
        const script = all.map(one => `${shellTest(one)}\necho "=$?"`).join('\n')
        const ran = run(shell, `set -u\n${script}`, env)
        const answers = all.map(one => {
          const answer = holds(one, step => outputs[step] ?? '')
          return typeof answer === 'boolean' ? `=${answer ? 0 : 1}` : '=2'
        })
        expect({ said: ran.stdout.trim().split('\n'), files: ran.files }).toEqual({
          said: answers,
          files: [],
        })
      }),
      { numRuns: 40 },
    )
  })

  it('can be asked by a script that stops at errors, and says why it cannot tell', () => {
    const test = shellTest({ is: 'more', left: { step: 'a' }, right: text('1') })
    const { stdout, stderr } = run(shell, `set -eu\nif ${test}; then echo yes; else echo "no $?"; fi`, {})
    expect({ stdout, stderr }).toEqual({ stdout: 'no 2\n', stderr: 'The output of step "a" is no number\n' })
  })
})
