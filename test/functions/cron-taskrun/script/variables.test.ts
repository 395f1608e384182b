import { describe, expect, it } from 'vitest'
import { resolveVariables } from '../../../../functions/cron-taskrun/script/variables.ts'
import { Variables } from '../../../../shared/resources/task.ts'

const resolved = (declared: object, given: Record<string, string>) =>
  resolveVariables(Variables.parse(declared), given)

const right: [string, object, Record<string, string>, Record<string, string>][] = [
  ['the value of a Task before that of a run', { a: { value: 'task' } }, { a: 'run' }, { a: 'task' }],
  ['not an empty one', { a: { value: '' } }, { a: 'run' }, { a: 'run' }],
  ['the value of a run before the default', { a: { default: 'x' } }, { a: 'run' }, { a: 'run' }],
  ['the default', { a: { default: 'x', required: true } }, {}, { a: 'x' }],
  ['the default for an empty one', { a: { default: 'x' } }, { a: '' }, { a: 'x' }],
  ['nothing', { a: {} }, {}, {}],
  ['an empty one', { a: { regex: 'x', enums: ['x'] } }, { a: '' }, { a: '' }],
  ['what is not declared', { a: {} }, { b: '1', 'b-c.d': '2' }, { b: '1', 'b-c.d': '2' }],
  ['one of its enums', { a: { enums: ['x', 'y'] } }, { a: 'y' }, { a: 'y' }],
  ['what its regex matches somewhere', { a: { regex: '[0-9]+' } }, { a: 'a1b' }, { a: 'a1b' }],
  ['what is long', {}, { a: 'x'.repeat(102_400) }, { a: 'x'.repeat(102_400) }],
]

const long = 'v'.repeat(1000)
const wrong: [string, object, Record<string, string>, RegExp][] = [
  [
    'a required one that is absent',
    { a: { required: true } },
    {},
    /^Variable "a" is required, and has no value$/,
  ],
  ['a required one that is empty', { a: { required: true } }, { a: '' }, /^Variable "a" is required/],
  [
    'one outside its enums',
    { a: { enums: ['x', 'y'] } },
    { a: long },
    /^Variable "a" is "v{59}…": it has to be one of "x, y"$/,
  ],
  ['a default outside its enums', { a: { enums: ['x'], default: 'z' } }, {}, /^Variable "a" is "z"/],
  [
    'one that its regex does not match',
    { a: { regex: '^[0-9]+$' } },
    { a: '1\n2x' },
    /^Variable "a" is "1\\n2x": it has to match/,
  ],
  [
    'a regex that cannot be read',
    { a: { regex: '(' } },
    { a: '1' },
    /^Variable "a" cannot be checked: Cannot compile/,
  ],
  ['a NUL byte', {}, { a: 'x\0' }, /^Variable "a" holds a NUL byte/],
  [
    'one that is too long',
    {},
    { a: 'ü'.repeat(60_000) },
    /^Variable "a" has 120000 bytes, one variable may have 102400$/,
  ],
  [
    'too many',
    {},
    Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`a${n}`, 'x'.repeat(100_000)])),
    /^The variables have 600012 bytes, all of them together may have 524288$/,
  ],
  ['a name with "="', {}, { 'a=b': 'x' }, /^Variable "a=b" cannot be set/],
  ['no name', {}, { '': 'x' }, /^Variable "" cannot be set/],
]

const forbidden = [
  ...['PATH', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'BASH_ENV', 'ENV', 'IFS', 'NODE_OPTIONS', 'PYTHONPATH'],
  ...['PYTHONSTARTUP', 'PERL5OPT', 'TASK', 'TASKRUN', 'HOSTNAME', 'NAMESPACE', 'EVENT_CLUSTER'],
  ...['OPSSERVER_ENDPOINT', 'OPS_STEPS_A_OUTPUT', 'BASH_FUNC_ls%%'],
]

describe('resolveVariables()', () => {
  it.each(right)('takes %s', (_, declared, given, values) => {
    expect(resolved(declared, given)).toEqual({ values })
  })

  it.each(wrong)('refuses %s', (_, declared, given, why) => {
    const made = resolved(declared, given)
    expect(made).toEqual({ problem: expect.stringMatching(why) })
  })

  it.each(forbidden)('lets nobody set %s', name => {
    const refused = {
      problem: expect.stringMatching(`^Variable "${name}" cannot be set: the name means something`),
    }
    expect(resolved({}, { [name]: 'x' })).toEqual(refused)
    expect(resolved({ [name]: { default: 'x' } }, {})).toEqual(refused)
  })

  it('keeps a name that objects have of their own', () => {
    expect(resolved({}, JSON.parse('{"__proto__":"x","constructor":"y"}'))).toEqual({
      values: JSON.parse('{"__proto__":"x","constructor":"y"}'),
    })
  })
})
