// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts are full of them
import { describe, expect, it } from 'vitest'
import { prepareSteps } from '../../../../../functions/cron-taskrun/script/prepare.ts'
import { TaskSpec } from '../../../../../shared/resources/task.ts'
import { hostile, run, runStep, shells, stepOf } from '../world.ts'

// Programs of other languages in a script, and what they print for a harmless value.
const programs: [string, string][] = [
  ['python3 -c', `python3 -c 'print("\${v}", end="")'`],
  ['python3 -c with double quotes', `python3 -c "print('\${v}', end='')"`],
  ['python3 -c with $v', `python3 -c "print('$v', end='')"`],
  ['python3 -c with a default', `python3 -c "print('\${v:-x}', end='')"`],
  ['python3 -c behind sudo', `sudo() { "$@"; }; sudo python3 -u -c 'print("\${v}", end="")'`],
  ['a here-document for python3', `python3 - <<'EOF'\nprint("\${v}", end="")\nEOF`],
  ['an open here-document for python3', `python3 <<EOF\nprint("\${v}", end="")\nEOF`],
  ['what is piped into python3', `echo 'print("\${v}", end="")' | python3`],
  ['a program that is written and run', `cat > a.py <<'EOF'\nprint("\${v}", end="")\nEOF\npython3 a.py`],
  [
    'a program by its first line',
    `cat > a <<EOF\n#!/usr/bin/env python3\nprint("\${v}", end="")\nEOF\npython3 a`,
  ],
  ['awk', `awk 'BEGIN { printf "%s", "\${v}" }'`],
  ['awk with double quotes', 'awk -F, "BEGIN { printf \\"%s\\", \\"${v}\\" }"'],
  ['awk by its path', `/usr/bin/awk -v a=b 'BEGIN { printf "%s", "\${v}" }'`],
  ['a command in sh -c', 'sh -c "printf %s $(basename ${v})"'],
  ['backticks in sh -c', 'sh -c "printf %s `printf %s ${v}`"'],
  ['a default in sh -c', 'sh -c "printf %s ${nothing:-${v}}"'],
  ['perl -e', `perl -e 'print "\${v}"'`],
  ['perl -ne', `echo a | perl -ne 'print "\${v}"'`],
  ['node -e', `node -e 'process.stdout.write("\${v}")'`],
  ['python3 in sh -c', `sh -c 'python3 -c "print(\\"\${v}\\", end=\\"\\")"'`],
  [
    'python3 over ssh',
    `ssh() { shift; env -i PATH="$PATH" sh -c "$*"; }; ssh host 'python3 -c "print(\\"\${v}\\", end=\\"\\")"'`,
  ],
  ['sed', `echo x | sed 's/x/\${v}/' | head -c -1`],
  ['sed -e', `echo x | sed -n -e 's/x/\${v}/p' | head -c -1`],
]

describe('a program in a script', () => {
  it.each(programs)('%s: gets a harmless value, and no other', (_, script) => {
    expect(runStep(['sh'], script, { v: 'node-1.b_2:x' })).toMatchObject({
      ...{ stdout: 'node-1.b_2:x', stderr: '', files: expect.not.arrayContaining(['pwned']) },
    })
    for (const value of Object.values(hostile)) {
      if (/^[-\w ]*$/.test(value)) continue
      expect(() => stepOf(script, { v: value })).toThrow(
        /^Variable "v" is ".*" puts it into .* (in a shell|a part of a program):/s,
      )
    }
  })
})

// What a value means there is not ours to say; it must run nothing.
const others: [string, string][] = [
  ['no quotes', 'printf %s ${v}'],
  ['no quotes, as options', 'echo ${v}'],
  ['a file name', 'cat < ${v}; : > "${v}"'],
  ['a loop', 'for a in ${v}; do echo "$a"; done'],
  ['a pattern', 'case abc in ${v}) echo;; esac'],
  ['a format', 'printf "${v}"'],
  ['a command', '${v}'],
  ['sh -c', 'sh -c "${v}"'],
  ['sh -c without quotes', 'sh -c "echo ${v}"'],
  ['eval', 'eval "${v}"'],
  ['eval, unquoted', 'eval echo ${v}'],
  ['ssh', 'ssh() { shift; env -i PATH="$PATH" sh -c "$*"; }; ssh host echo ${v}'],
  ['an inner pattern', 'a=abc; echo "${a#${v}}" ${a%${v}}'],
  ['a default', 'echo ${nothing:-${v}}'],
  ['test', '[ ${v} = ${v} ]; test -n ${v}'],
  ['xargs', 'echo "${v}" | xargs -n 1 echo'],
]

describe.each(shells.map(shell => [shell.join(' '), shell] as const))('under %s', (_, shell) => {
  it.each(others)('a value runs nothing in: %s', (_, script) => {
    for (const value of Object.values(hostile)) {
      expect(runStep(shell, `mkdir in; cd in\n${script}`, { v: value }).files, value).toEqual(['in'])
      const { stdout } = runStep(shell, `${script}\n[ ! -e pwned ] || echo PWNED`, { v: value })
      expect(stdout, value).not.toContain('PWNED')
    }
  })

  it('a value runs nothing where the shell computes', () => {
    const scripts = ['echo $((${v} + 1))', 'echo $((v + 1))', 'echo "$(( $v * 2 ))"']
    const more = [
      '((v > 1)) && echo',
      'let "a=${v}"',
      '[[ ${v} -eq 1 ]] && echo',
      'a[1]=2; echo "${a[${v}]}"',
    ]
    for (const script of shell[0] === 'bash' ? [...scripts, ...more] : scripts) {
      expect(runStep(shell, script, { v: '1' }).files).toEqual([])
      for (const value of ['a[$(touch pwned)]', 'w', '$(touch pwned)', '`touch pwned`']) {
        expect(() => stepOf(script, { v: value, w: 'a[$(touch pwned)]' }), script).toThrow('arithmetic')
      }
    }
    expect(runStep(shell, 'echo $(( ${v} ))', { v: '2 + 0x10' }).stdout).toBe('18\n')
  })

  it('leaves a script alone that gives a variable values of its own', () => {
    const script = `for v in a b; do sh -c "echo \${v}"; done\nread v <<EOF\nc d\nEOF\nsh -c "echo \${v}"`
    expect(runStep(shell, script, { v: 'x' }).stdout).toBe('a\nb\nc d\n')
  })

  it('leaves unknown names, and the shell its own', () => {
    const script = `a=1; echo "\${a}" '\${a}' \${b:-2} '\${steps}' "\${#a}"; cat <<'EOF'\n\${a} \\ \`x\`\nEOF`
    expect(runStep(shell, script, { v: 'x' }).stdout).toBe('1 ${a} 2 ${steps} 1\n${a} \\ `x`\n')
    expect(stepOf(script, { v: 'x' }).text).toBe(script)
  })

  it('keeps what stands around a reference in a quoted here-document', () => {
    const script = `cat <<'EOF'\n$HOME \\$x \\\\ \`id\` $(id) "q" '\${v}' \\\nEOF\necho end`
    expect(runStep(shell, script, { v: '$v' }).stdout).toBe(`$HOME \\$x \\\\ \`id\` $(id) "q" '$v' \\\nend\n`)
  })
})

describe('what nobody writes', () => {
  it.each([
    ['commands', '$('.repeat(5_000)],
    ['computations', '$(('.repeat(5_000)],
    ['computations that are none', `${'$(( '.repeat(150)}${') '.repeat(150)}`],
    ['quotations', `${'"$('.repeat(5_000)}`],
    ['expansions', '${a:-'.repeat(5_000)],
    ['programs', `${'eval '.repeat(5_000)} \${v}`],
    ['quotes', `'"\``.repeat(5_000)],
    ['here-documents', 'cat <<A <<B\n'.repeat(5_000)],
    ['references', "'${v}' \"${v}\" $'${v}' ".repeat(1000)],
    ['programs beside one another', 'sh -c "echo ${v}"; a=b\n'.repeat(1000)],
    ['assignments', 'a="${v}"\n'.repeat(3_000)],
  ])('takes no time, and no stack: %s', (_, script) => {
    const started = performance.now()
    try {
      stepOf(script, { v: '1' })
    } catch (error) {
      expect(String(error)).toMatch(/^Error: A script has more than \d+ (things|programs) in one another$/)
    }
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})

describe('sed', () => {
  it.each([
    ["sed '/${v}/d' /dev/null", 'x/e touch pwned #'],
    ["sed '/${v}/d' /dev/null", '/w pwned'],
    ["sed 's/a/${v}/' /dev/null", 'x/w pwned'],
    ["sed 's,a,${v},' /dev/null", 'x,w pwned'],
    ["sed '${v}d' /dev/null", '1e touch pwned'],
    ['sed "s@a@${v}@" /dev/null', 'x@e'],
  ])('never ends a part of %s by a value', (script, value) => {
    expect(() => stepOf(script, { v: value })).toThrow(/Variable "v" is .* puts it into sed/)
  })

  it.each([
    ["echo a | sed 's|a|${v}|'", '/usr/bin', '/usr/bin\n'],
    ["echo x=1 | sed -E 's#x=.*#x=${v}#'", 'http://host:80/a', 'x=http://host:80/a\n'],
    ["printf 'a\\nb\\n' | sed '${v}d'", '1', 'b\n'],
    ["printf 'a\\nb\\n' | sed '/${v}/d;s/b/c/'", 'a', 'c\n'],
    ["printf 'a\\n' | sed '1i ${v}'", 'some text', 'some text\na\n'],
    ['printf "a\\n" | sed "s/^/${v} /"', 'some', 'some a\n'],
  ])('takes a harmless value in %s', (script, value, stdout) => {
    expect(runStep(['sh'], script, { v: value }).stdout).toBe(stdout)
  })
})

describe('an output of an earlier step', () => {
  it('is read from the environment, and is never code', () => {
    const script = `printf %s '\${steps.a-b.output}'; sh -c "printf %s '\${steps.a-b.output}'"`
    expect(stepOfSecond(script)).toMatchObject({ uses: ['a-b'], plain: [] })
    const { stdout, files } = run(['sh'], stepOfSecond(script).text, {
      OPS_STEPS_A_B_OUTPUT: hostile.closing,
    })
    expect({ stdout, files }).toEqual({ stdout: hostile.closing.repeat(2), files: [] })
  })

  it('has to be harmless where it becomes a part of a program', () => {
    expect(stepOfSecond(`python3 -c 'print("\${steps.a-b.output}")'`).plain).toEqual(['OPS_STEPS_A_B_OUTPUT'])
    expect(stepOfSecond(`ssh host 'echo "\${steps.a-b.output}"'`).plain).toEqual(['OPS_STEPS_A_B_OUTPUT'])
  })
})

function stepOfSecond(content: string) {
  const made = prepareSteps(
    TaskSpec.parse({ steps: [{ name: 'a-b', content: ':' }, { content }] }),
    {},
    { stepTimeout: 1 },
  )
  if ('problem' in made) throw new Error(made.problem)
  const [, step] = made.steps
  if (!step) throw new Error('There is no step')
  return step
}
