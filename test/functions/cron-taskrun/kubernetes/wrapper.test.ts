import { execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { endingOf } from '../../../../functions/cron-taskrun/kubernetes/ending.ts'
import { wrapperOf } from '../../../../functions/cron-taskrun/kubernetes/wrapper.ts'
import { outputName, type PreparedStep } from '../../../../functions/cron-taskrun/script/step.ts'
import { stepOf } from './work.ts'

const dir = mkdtempSync(join(tmpdir(), 'ops-events-wrapper-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Shell = { name: string; program: string; args: string[]; path: string; onHost?: boolean }

/** The shells of this machine: of Debian's, of most images', and with busybox those of Alpine's, its tools too. */
function shells(): Shell[] {
  const path = process.env.PATH ?? ''
  const own = mkdtempSync(join(dir, 'shells-'))
  const found = (name: string) =>
    path
      .split(delimiter)
      .map(folder => join(folder, name))
      .find(existsSync)
  const known = ['dash', 'bash'].flatMap((name): Shell[] => {
    const program = found(name)
    return program ? [{ name, program, args: [], path }] : []
  })
  const busybox = found('busybox')
  const tools = join(own, 'busybox')
  if (busybox) {
    mkdirSync(tools)
    execFileSync(busybox, ['--install', '-s', tools])
    known.push({ name: 'busybox', program: busybox, args: ['sh'], path: tools })
  }
  // An old busybox has a `timeout` with other options.
  const old = join(own, 'old')
  mkdirSync(old)
  writeFileSync(join(old, 'timeout'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const without = known.map(shell => ({
    ...shell,
    name: `${shell.name} without timeout`,
    path: `${old}:${shell.path}`,
  }))
  // Busybox takes its own tools first, wherever it is built so.
  return [...known, ...without.filter(({ program }) => program !== busybox)]
}

/** A shell that finds a `nsenter` that enters nothing. */
function onHost(shell: Shell): Shell {
  const folder = mkdtempSync(join(dir, 'host-'))
  const text = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'
  writeFileSync(join(folder, 'nsenter'), text, { mode: 0o755 })
  return { ...shell, onHost: true, path: `${folder}:${shell.path}` }
}

let runs = 0

/** The steps as they run in one pod, until one fails; then what is told of each, and what it printed. */
async function pod(shell: Shell, ...given: (Partial<PreparedStep> & { text: string })[]) {
  const shared = join(dir, `run-${runs++}`)
  mkdirSync(shared)
  const steps = given.map((step, index) => stepOf(`s${index + 1}`, { timeoutSeconds: 20, ...step }))
  const told: string[] = []
  for (const [index, step] of steps.entries()) {
    const paths = { script: join(shared, `${index}.script`), shared, said: join(shared, `${index}.said`) }
    const kept = steps.slice(index + 1).some(({ uses }) => uses.includes(step.name))
    writeFileSync(paths.script, step.text)
    writeFileSync(`${paths.script}.sh`, wrapperOf(step, { paths, kept, onHost: shell.onHost ?? false }))
    const { code, stdout } = await execute(shell, `${paths.script}.sh`, step.env)
    const message = existsSync(paths.said) ? readFileSync(paths.said, 'utf8') : ''
    const ending = endingOf({ exitCode: code, message, reason: code === 0 ? 'Completed' : 'Error' })
    told.push([stdout.trim(), ending.status, ending.message].filter(Boolean).join(' | '))
    if (code !== 0) break
  }
  return told
}

// What it prints goes to a file: a pipe would stay open for what a script leaves behind, which in a container ends with it.
function execute(shell: Shell, script: string, env: Record<string, string>) {
  return new Promise<{ code: number; stdout: string }>(resolve => {
    const printed = openSync(`${script}.log`, 'w')
    spawn(shell.program, [...shell.args, script], {
      env: { ...env, PATH: shell.path },
      stdio: ['ignore', printed, printed],
    }).once('exit', code => {
      closeSync(printed)
      const stdout = readFileSync(`${script}.log`, 'utf8').replace(/^Terminated$/m, '')
      resolve({ code: code ?? 255, stdout })
    })
  })
}

const output = { is: 'equal', left: { step: 's1' }, right: { text: 'yes' } } as const

describe.each(shells())('a step under $name', { concurrent: true }, shell => {
  it('says what it exited with, and lets the next one run only where it was 0', async () => {
    expect(
      await pod(shell, { text: 'echo a; echo b >&2' }, { text: 'echo c; exit 3' }, { text: 'echo d' }),
    ).toEqual(['a\nb | Successed', 'c | Failed | Exited with 3'])
  })

  it('reads what earlier ones printed, without the newlines at the end, and nothing of those that did not run', async () => {
    const text = 'printf "<%s><%s>" "$OPS_STEPS_S1_OUTPUT" "$OPS_STEPS_S2_OUTPUT"'
    const hostile = `printf '%s\\n\\n' "$V"`
    const value = `'"\`touch x\`$(touch x); \\ \n é $HOME`
    expect(
      await pod(
        shell,
        { text: hostile, env: { V: value } },
        { text: 'echo never', when: { is: 'constant', value: false } },
        { text, uses: ['s1', 's2'] },
      ),
    ).toEqual([`${value} | Successed`, 'Skipped | Its "when" does not hold', `<${value}><> | Successed`])
  })

  it('runs where its condition holds, and may fail where that holds', async () => {
    const step = (over: Partial<PreparedStep>) => ({ text: 'echo ran; exit 4', uses: ['s1'], ...over })
    expect(
      await pod(
        shell,
        { text: 'echo yes' },
        step({ when: { is: 'not', of: output } }),
        step({ when: output, allowFailure: output }),
        step({ allowFailure: { is: 'not', of: output } }),
      ),
    ).toEqual([
      'yes | Successed',
      'Skipped | Its "when" does not hold',
      'ran | Failed | Exited with 4, which is allowed',
      'ran | Failed | Exited with 4',
    ])
  })

  it('fails where nobody can tell whether its condition holds', async () => {
    const when = { is: 'less', left: { step: 's1' }, right: { text: '3' } } as const
    expect(await pod(shell, { text: 'echo many' }, { text: 'echo ran', uses: ['s1'], when })).toEqual([
      'many | Successed',
      expect.stringMatching(/ \| Failed \| Cannot tell whether "when" holds: ./),
    ])
  })

  it('is ended after its time, its output kept so far, and what it left behind not waited for', async () => {
    const slow = { text: 'echo begun; sleep 30', timeoutSeconds: 1 }
    expect(await pod(shell, slow)).toEqual(['begun | Failed | Timed out after 1 s'])
    const allowed = { ...slow, allowFailure: { is: 'constant', value: true } as const }
    expect(await pod(shell, allowed, { text: 'echo "<$OPS_STEPS_S1_OUTPUT>"', uses: ['s1'] })).toEqual([
      'begun | Failed | Timed out after 1 s, which is allowed',
      expect.stringMatching(/^<begun(\nTerminated)?> \| Successed$/),
    ])
  })

  it('is over when its script is, also where that leaves something behind that holds its output', async () => {
    const straggler = { text: 'sleep 30 & echo done' }
    const reader = { text: 'echo "<$OPS_STEPS_S1_OUTPUT>"', uses: ['s1'] }
    expect(await pod(shell, straggler, reader)).toEqual(['done | Successed', '<done> | Successed'])
  })

  it('takes 124 for its exit code where it has not run so long', async () => {
    expect(await pod(shell, { text: 'exit 124' })).toEqual(['Failed | Exited with 124'])
  })

  it('prints megabytes, of which no other step uses so many', async () => {
    const text = 'yes 0123456789 | head -n 300000'
    const [many, refused] = await pod(shell, { text }, { text: 'echo ran', uses: ['s1'] })
    expect(many).toHaveLength(300_000 * 11 - 1 + ' | Successed'.length)
    expect(refused).toMatch(/Failed \| The output of step "s1" has more than 100 KiB/)
  })

  it('passes the most that may be used on whole', async () => {
    const text = 'head -c 102400 /dev/zero | tr "\\0" x'
    expect(
      (await pod(shell, { text }, { text: 'printf %s "$OPS_STEPS_S1_OUTPUT" | wc -c', uses: ['s1'] }))[1],
    ).toBe('102400 | Successed')
  })

  it('gets harmless outputs put in where it is no shell script, and is refused others', async () => {
    const plain = [outputName('s1')]
    const other: Partial<PreparedStep> = { language: 'other', interpreter: ['cat'], uses: ['s1'], plain }
    const rest = `\${steps.s2.output} \${HOME}`
    const text = `a = "\${steps.s1.output}" + "\${steps.s1.output}" # ${rest}\n`
    expect(await pod(shell, { text: 'echo "a/b=1%, c_d@e:f+g-h."' }, { text, ...other })).toEqual([
      'a/b=1%, c_d@e:f+g-h. | Successed',
      `a = "a/b=1%, c_d@e:f+g-h." + "a/b=1%, c_d@e:f+g-h." # ${rest} | Successed`,
    ])
    for (const bad of ['"', "'", '\\\\', '&', '|', '$x', '(', ';', 'é', 'a\\nb']) {
      const told = await pod(shell, { text: `printf '%b' "$V"`, env: { V: bad } }, { text, ...other })
      expect(told[1], bad).toMatch(
        /Failed \| The output of step "s1" cannot be put into a program of step "s2": only letters/,
      )
    }
  })

  it('leaves alone what is called as something of its own', async () => {
    const names = ['code', 'script', 'end', 'pid', 'began', 'file', 'program', 'why', 'name']
    const env = Object.fromEntries(names.map(name => [name, `the run's`]))
    const text = names.map(name => `echo "$${name}"`).join('; ')
    expect(
      await pod(shell, { text, env, when: { is: 'constant', value: true } }, { text: '', uses: ['s1'] }),
    ).toEqual([`${names.map(() => `the run's`).join('\n')} | Successed`, 'Successed'])
  })

  it('says which interpreter the image lacks', async () => {
    expect(await pod(shell, { text: 'x', interpreter: ['no-such-python'] })).toEqual([
      expect.stringMatching(/Failed \| The image has no "no-such-python"$/),
    ])
  })

  it('prints bytes that are no text', async () => {
    const told = await pod(
      shell,
      { text: `printf '\\377\\000\\001ok'` },
      { text: 'echo "$OPS_STEPS_S1_OUTPUT"', uses: ['s1'] },
    )
    expect(told[1]).toMatch(/ok \| Successed$/)
  })
})

describe('a step on the node itself', () => {
  const [dash = { name: 'sh', program: '/bin/sh', args: [], path: process.env.PATH ?? '' }] = shells()

  it('reaches the node, which does not see its file, with all that it needs', async () => {
    const text = 'echo "$V $OPS_STEPS_S1_OUTPUT"; cat; exit 4'
    const env = { V: 'v' }
    expect(await pod(onHost(dash), { text: 'echo one' }, { text, env, uses: ['s1'] })).toEqual([
      'one | Successed',
      'v one | Failed | Exited with 4',
    ])
    expect(await pod(onHost(dash), { text: 'sleep 30', timeoutSeconds: 1 })).toEqual([
      'Failed | Timed out after 1 s',
    ])
  })
})
