import { spawn } from 'node:child_process'
import { hold, release } from './leash.ts'

/**
 * Runs a command without input to its end; `output` is what it wrote to both streams. Never rejects. It dies with us,
 * and so does what it started.
 */
export function runToEnd(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
): Promise<{ ok: boolean; output: string }> {
  return new Promise(resolve => {
    const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const { pid } = child
    if (pid !== undefined) {
      hold(pid)
      child.on('exit', () => release(pid))
    }
    let output = ''
    const add = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.on('error', error => resolve({ ok: false, output: error.message }))
    child.on('close', code => resolve({ ok: code === 0, output }))
  })
}

/** The last lines of a program's output, on one line, for a message. */
export function lastLines(output: string, count: number): string {
  return output.trim().split('\n').slice(-count).join(' / ')
}
