// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts are full of them
import { describe, expect, it } from 'vitest'
import { filled, lateIn } from '../../../../functions/cron-taskrun/script/filled.ts'
import { prepareSteps } from '../../../../functions/cron-taskrun/script/prepare.ts'
import { TaskSpec } from '../../../../shared/resources/task.ts'
import { hostile, stepOf } from './world.ts'

const prepared = (steps: object[], env: Record<string, string> = {}, more = {}) =>
  prepareSteps(TaskSpec.parse({ steps, ...more }), env, { stepTimeout: 600 })

const stepsOf = (...asked: Parameters<typeof prepared>) => {
  const made = prepared(...asked)
  if ('problem' in made) throw new Error(made.problem)
  return made.steps
}

describe('prepareSteps()', () => {
  it('names steps, and says what runs them, for how long and in what', () => {
    const steps = [
      { content: 'a' },
      { name: 'b', content: '#!/bin/bash -e\n', timeoutSeconds: 5, runtimeImage: 'x' },
    ]
    expect(stepsOf(steps, {}, { runtimeImage: 'y' })).toMatchObject([
      { name: 'step-1', interpreter: ['sh'], language: 'shell', timeoutSeconds: 600, image: 'y' },
      { name: 'b', interpreter: ['bash', '-e'], language: 'shell', timeoutSeconds: 5, image: 'x' },
    ])
  })

  it.each([
    ['echo', ['sh'], 'shell'],
    ['\n#!/bin/sh\n', ['sh'], 'shell'],
    ['#! /usr/bin/env bash -e\n', ['bash', '-e'], 'shell'],
    ['#!/usr/bin/env -S bash -e\n', ['bash', '-e'], 'shell'],
    ['#!/usr/local/bin/zsh\r\n', ['zsh'], 'shell'],
    ['#!/opt/shell/bash\n', ['/opt/shell/bash'], 'shell'],
    ['#!/usr/bin/python\n', ['python3'], 'other'],
    ['#!/usr/bin/env python3 -u\n', ['python3', '-u'], 'other'],
    ['#!/opt/venv/bin/python\n', ['/opt/venv/bin/python'], 'other'],
    ['#!/usr/bin/perl -w\n', ['perl', '-w'], 'other'],
    ['#!/usr/bin/node\n', ['node'], 'other'],
    ['# python\nprint(1)', ['python3'], 'other'],
    ['python3 a.py', ['sh'], 'shell'],
    ['which python3 || exit 1', ['sh'], 'shell'],
  ])('%j is run by %j', (content, interpreter, language) => {
    expect(stepOf(content, {})).toMatchObject({ interpreter, language })
  })

  const wrong: [string, object[], RegExp][] = [
    [
      'two steps of one name',
      [
        { name: 'a', content: ':' },
        { name: 'a', content: ':' },
      ],
      /^Two steps are called "a"/,
    ],
    [
      'a name that was given without being asked',
      [{ name: 'step-2', content: ':' }, { content: ':' }],
      /called "step-2"/,
    ],
    ['a copy', [{ name: 'a', localfile: '/x', remotefile: '/y' }], /^Step "a" copies a file .*not supported/],
    ['nothing to run', [{ name: 'a', content: ' \n' }], /^Step "a" has no "content"/],
    [
      'a step that is not there',
      [{ content: 'echo ${steps.x.output}' }],
      /^Step "step-1" speaks of \$\{steps\.x\.output\}, the output of step "x", which is not there$/,
    ],
    ['itself', [{ name: 'a', content: 'echo ${steps.a.output}' }], /which does not run before it$/],
    [
      'a later step',
      [{ content: '#!/bin/python\n"${steps.b.output}"' }, { name: 'b', content: ':' }],
      /"b", which does not run before it$/,
    ],
    [
      'a later step in a condition',
      [
        { content: ':', when: '${steps.b.output}' },
        { name: 'b', content: ':' },
      ],
      /"b", which does not/,
    ],
    [
      'a condition nobody can read',
      [{ content: ':', when: 'a ==' }],
      /^Cannot read "when" of step "step-1": Expected a text at position 4 of "a =="$/,
    ],
    [
      'such an allowfailure',
      [{ content: ':', allowfailure: 'perhaps' }],
      /^Cannot read "allowfailure" of step "step-1": "perhaps"/,
    ],
    [
      'an output beside other text',
      [
        { name: 'a', content: ':' },
        { content: ':', when: 'x${steps.a.output} == xy' },
      ],
      /has to stand alone/,
    ],
  ]
  it.each(wrong)('refuses %s', (_, steps, why) => {
    expect(prepared(steps)).toEqual({ problem: expect.stringMatching(why) })
  })

  it('puts values into conditions, each as one text', () => {
    const env = { a: 'x" == "x', 'b-c': '1 || true', flag: 'Yes', none: '' }
    const when = [
      '${a} == y',
      '"${b-c}" != y',
      '${flag}',
      'startwith(${a}, x)',
      '${unknown} == y',
      '${none}',
      '',
    ]
    expect(
      stepsOf(
        when.map(said => ({ content: ':', when: said })),
        env,
      ).map(step => step.when),
    ).toEqual([
      { is: 'equal', left: { text: 'x" == "x' }, right: { text: 'y' } },
      { is: 'different', left: { text: '1 || true' }, right: { text: 'y' } },
      { is: 'truth', of: { text: 'Yes' } },
      { is: 'starts', text: { text: 'x" == "x' }, with: { text: 'x' } },
      { is: 'equal', left: { text: '${unknown}' }, right: { text: 'y' } },
      undefined,
      undefined,
    ])
  })

  it('knows which outputs a step uses, its conditions included', () => {
    const steps = stepsOf([
      ...['a', 'b', 'c', 'd'].map(name => ({ name, content: ':' })),
      {
        content: "echo '${steps.a.output}'",
        when: '${steps.b.output} > 1',
        allowfailure: '${steps.c.output}',
      },
    ])
    expect(steps.at(-1)?.uses).toEqual(['a', 'b', 'c'])
  })

  it('leaves the text of a Task as it is', () => {
    expect(stepOf("echo '${a}'", { a: '1' })).toMatchObject({
      content: "echo '${a}'",
      text: `echo ''"\${a}"''`,
    })
  })
})

describe('a script of another language', () => {
  const script = "#!/usr/bin/python\nprint('${v}', '${my-var}', '${nobody}', f'{x}')"

  it('gets harmless values put in', () => {
    expect(stepOf(script, { v: 'node-1 a/b', 'my-var': 'Grüße, 100%' }).text).toBe(
      "#!/usr/bin/python\nprint('node-1 a/b', 'Grüße, 100%', '${nobody}', f'{x}')",
    )
  })

  it.each(Object.entries(hostile).filter(([, value]) => !/^[-\w ]*$|界/.test(value)))(
    'refuses %s',
    (_, value) => {
      expect(() => stepOf(script, { v: value, 'my-var': '' })).toThrow(
        /^Variable "v" is ".*", and step "step-1" puts it into python3: only letters, digits and " _.,:\/@%\+=-" may stand there; read it/s,
      )
    },
  )

  it('gets the endpoint and outputs when they are known, and its place where a scheduler chose it', () => {
    const [, step] = stepsOf([
      { name: 'a', content: ':' },
      { content: "#!/usr/bin/python\npost('${OPSSERVER_ENDPOINT}/${HOSTNAME}', '${steps.a.output}')" },
    ])
    if (!step) throw new Error('There is no step')
    expect(step.text).toBe(step.content)
    expect(lateIn(step)).toEqual([
      { reference: '${OPSSERVER_ENDPOINT}', variable: 'OPSSERVER_ENDPOINT' },
      { reference: '${HOSTNAME}', variable: 'HOSTNAME' },
      { reference: '${steps.a.output}', variable: 'OPS_STEPS_A_OUTPUT' },
    ])
    expect(filled(step, new Map([['a', '$&5']]), 'http://ops:x@h:1')).toEqual({
      problem: expect.stringMatching(/^The output of step "a" cannot be put into a program of step "step-2"/),
    })
    expect(filled(step, new Map([['a', '5']]), 'http://ops:x@h:1')).toEqual({
      text: "#!/usr/bin/python\npost('http://ops:x@h:1/${HOSTNAME}', '5')",
      env: { OPS_STEPS_A_OUTPUT: '5' },
    })
  })
})

describe('filled()', () => {
  const [, step] = stepsOf(
    [{ name: 'a-b', content: ':' }, { content: "echo '${steps.a-b.output}' ${my-var}" }],
    { 'my-var': hostile.quotes },
  )

  it('gives a shell the outputs in its environment', () => {
    expect(
      step &&
        filled(
          step,
          new Map([
            ['a-b', hostile.closing],
            ['c', 'unused'],
          ]),
        ),
    ).toEqual({
      text: `echo ''"\${OPS_STEPS_A_B_OUTPUT}"'' \${OPS_VAR_my_2d_var}`,
      env: { OPS_STEPS_A_B_OUTPUT: hostile.closing, OPS_VAR_my_2d_var: hostile.quotes },
    })
  })

  it('says it where an output is too long to be handed on', () => {
    expect(step && filled(step, new Map([['a-b', 'x'.repeat(102_401)]]))).toEqual({
      problem: 'The output of step "a-b" has 102401 bytes, and a step can use 102400 at most',
    })
  })

  it('takes the output of a step that did not run for empty', () => {
    expect(step && filled(step, new Map())).toMatchObject({ env: { OPS_STEPS_A_B_OUTPUT: '' } })
  })
})
