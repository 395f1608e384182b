import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { hold, release } from './leash.ts'
import { standsStill } from './still.ts'

/** A process that we started. */
export type Child = {
  pid: number
  /** Settles with how it ended: `code 1`, `SIGKILL`. */
  exited: Promise<string>
  /** Sends a signal; waits for the end, by SIGSTOP until it stands still, and by SIGCONT for nothing. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Asks politely, and kills after `grace` ms. */
  stop(grace?: number): Promise<void>
  /** Its last lines. */
  tail(): string
}

export type ChildOptions = {
  cwd?: string
  env?: NodeJS.ProcessEnv
  uid?: number
  gid?: number
  line?: (text: string) => void
}

/**
 * Starts a process in a group of its own, so that a Ctrl-C meant for us does not reach it, and which dies with us.
 * @throws Error when it cannot be started
 */
export async function startChild(
  command: string,
  args: string[],
  options: ChildOptions = {},
): Promise<Child> {
  const { line, ...where } = options
  const child = spawn(command, args, { ...where, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<string>(resolve => {
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
  })
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  hold(pid)
  let running = true
  void exited.then(() => {
    running = false
    release(pid)
  })
  const last = collect([child.stdout, child.stderr], line)

  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (running) child.kill(signal)
    if (signal === 'SIGSTOP') await standsStill(pid)
    else if (signal !== 'SIGCONT') await exited
  }
  return {
    pid,
    exited,
    kill,
    tail: () => last.join('\n'),
    async stop(grace = 2_000) {
      if (running) child.kill('SIGTERM')
      const abort = new AbortController()
      const late = pause(grace, true, { signal: abort.signal }).catch(() => false)
      if (await Promise.race([late, exited.then(() => false)])) await kill()
      abort.abort()
    },
  }
}

function collect(streams: Readable[], line?: (text: string) => void): string[] {
  const last: string[] = []
  for (const input of streams) {
    createInterface({ input }).on('line', text => {
      last.push(text)
      if (last.length > 20) last.shift()
      line?.(text)
    })
  }
  return last
}
