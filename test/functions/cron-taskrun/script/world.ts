// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts are full of them
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filled } from '../../../../functions/cron-taskrun/script/filled.ts'
import { prepareSteps } from '../../../../functions/cron-taskrun/script/prepare.ts'
import type { PreparedStep } from '../../../../functions/cron-taskrun/script/step.ts'
import { TaskSpec } from '../../../../shared/resources/task.ts'

const isThere = ([command = '', ...args]: string[]) =>
  spawnSync(command, [...args, '-c', 'exit 7']).status === 7

/** The shells of this machine, by how they are called. */
export const shells = [['dash'], ['bash'], ['busybox', 'sh'], ['ksh'], ['zsh', '--emulate', 'sh']].filter(
  isThere,
)

/** Values that would be code anywhere, if they were ever read as such: what they run leaves a file. */
export const hostile = {
  quotes: `a'b"c`,
  substitution: '$(touch pwned) `touch pwned` ${HOME} $((1+1)) $HOME',
  closing: `'; touch pwned; '" ; touch pwned; "`,
  operators: ';touch pwned;|touch pwned&touch pwned\n&& touch pwned || touch pwned #',
  lines: 'one\ntouch pwned\n  three\n\n',
  document: 'EOF\ntouch pwned\nEOF\n$(touch pwned)',
  escapes: '\\ \\\\ \\n \\" \\\' \\$(touch pwned) %s %d \\',
  globs: '* ? [a-z] ~ {a,b} !!',
  dashes: '-n -e --help',
  unicode: 'grüße 世界 \u{1F600}',
  index: 'a[$(touch pwned)]',
  program: `"); import os; os.system("touch pwned") #\n"}; system("touch pwned") #`,
  empty: '',
} satisfies Record<string, string>

/** A step of this script, prepared; @throws Error with the problem */
export function stepOf(content: string, env: Record<string, string>, more = {}): PreparedStep {
  const task = TaskSpec.parse({ steps: [{ content, ...more }] })
  const made = prepareSteps(task, env, { stepTimeout: 60 })
  if ('problem' in made) throw new Error(made.problem)
  const [step] = made.steps
  if (!step) throw new Error('There is no step')
  return step
}

/** What comes of a script in an empty folder, and which files it leaves there. */
export function run(shell: string[], text: string, env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'script-'))
  try {
    const [command = '', ...args] = shell
    const { stdout, stderr, status } = spawnSync(command, args, {
      ...{ cwd: folder, input: text, encoding: 'utf8', timeout: 20_000 },
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8', HOME: '/nowhere', ...env },
    })
    return { stdout, stderr, status, files: readdirSync(folder) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The same for a script of a Task with these variables, as an executor has it. */
export function runStep(
  shell: string[],
  content: string,
  env: Record<string, string>,
  outputs: Record<string, string> = {},
) {
  const step = stepOf(content, env)
  const made = filled(step, new Map(Object.entries(outputs)))
  if ('problem' in made) throw new Error(made.problem)
  return run(shell, made.text, { ...env, ...made.env })
}
