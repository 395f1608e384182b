import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { type Asked, program } from '../../../../functions/cron-taskrun/ssh/program.ts'

const nonce = 'ops-0123'
const asked = (more: Partial<Asked>): Asked => ({
  interpreter: ['sh'],
  text: 'echo done',
  env: {},
  mark: { name: 'OPS_EVENTS_RUN', value: 'u-1' },
  nonce,
  limitSeconds: 60,
  ...more,
})

/** Runs it as an sshd does: in a session of its own, with the program as input, which stays open. */
async function runBy(shell: string[], more: Partial<Asked>, then?: (stdin: NodeJS.WritableStream) => void) {
  const [command = 'sh', ...args] = shell
  const child = spawn(command, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {})
  child.stdin.write(program(asked(more)))
  let seen = ''
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString()
    if (seen.endsWith('begun\n')) then?.(child.stdin)
  })
  const [printed, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  child.stdin.destroy()
  return {
    printed: printed.replace(`${nonce}\n`, ''),
    said: said.replaceAll(`${nonce} `, '').trim().split('\n'),
  }
}

describe.each(['sh', 'bash', 'bash --posix'])('the program, by %s', words => {
  const shell = words.split(' ')

  it('runs a script, with its environment, and tells how it ended', async () => {
    const env = { VALUE: `it's $(echo "x")\n\`y\`` }
    expect(await runBy(shell, { text: 'printf %s "$VALUE"; exit 7', env })).toEqual({
      printed: env.VALUE,
      said: ['ready', 'exit 7'],
    })
  })

  it('exports no name that would be code', async () => {
    const env = { 'A;echo bad': 'a', 'x-y': 'b', '$(echo bad)': 'c', '': 'd', GOOD: 'e' }
    expect(await runBy(shell, { text: 'echo $GOOD', env })).toEqual({
      printed: 'e\n',
      said: ['ready', 'exit 0'],
    })
  })

  it('says that an interpreter is missing', async () => {
    expect((await runBy(shell, { interpreter: ["no'such"] })).said).toContain('missing')
  })

  it('hands on arguments of an interpreter, and leaves the script no input', async () => {
    const text = 'cat; false; echo not reached'
    expect(await runBy(shell, { interpreter: ['sh', '-e'], text })).toMatchObject({
      printed: '',
      said: ['ready', 'exit 1'],
    })
  })

  it('ends the script politely when told so', async () => {
    const text = 'trap "echo bye; exit 5" TERM; echo begun; while :; do sleep 0.05; done'
    expect(await runBy(shell, { text }, stdin => stdin.write('TERM\n'))).toEqual({
      // Shells tell of their own children, some in their own words.
      printed: expect.stringMatching(/bye\n$/),
      said: ['ready', 'exit 5'],
    })
  })

  it.each([
    ['told so', (stdin: NodeJS.WritableStream) => stdin.write('KILL\n')],
    ['left alone', (stdin: NodeJS.WritableStream) => stdin.end()],
  ])('ends all by force when %s', async (_, then) => {
    const text = 'trap "" TERM; echo begun; while :; do sleep 0.05; done'
    expect(await runBy(shell, { text }, then)).toEqual({ printed: 'begun\n', said: ['ready'] })
  })

  it('ends all by itself past its limit', async () => {
    expect(await runBy(shell, { text: 'trap "" TERM; sleep 300', limitSeconds: 1 })).toEqual({
      printed: '',
      said: ['ready'],
    })
  })
})
