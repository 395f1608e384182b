import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Mark } from '../steps/mark.ts'
import type { Ended } from '../steps/told.ts'
import type { Leash } from './leash.ts'
import { kill, killMarked } from './leftovers.ts'
import type { Pipe } from './pipe.ts'

// Waits until the leash holds it. If we die before, it reads the end of the pipe and ends.
const gate = 'read -r go <&3 && exec 3<&- && exec "$@"'

/** From SIGTERM to SIGKILL. */
const politeness = 2_000
/** What a process that ended left in the pipe comes at once, but for what its children still write. */
const lastWords = 250
/** What still holds the pipe then is out of our reach. */
const lastOfAll = 1_000
/** Until a killed process is given up, which the kernel may hold for ever. */
const patience = 5_000

const after = (milliseconds: number) => pause(milliseconds, undefined, { ref: false })

type Asked = { args: string[]; env: Record<string, string>; folder: string; mark: Mark }
type Watched = { push(chunk: Buffer): void; signal: AbortSignal; leash: Leash; pipe: Pipe }

/**
 * Runs a process in a group of its own until it ends, and then kills what is left of it.
 * @throws Error where it cannot be started
 */
export async function runProcess(asked: Asked, { push, signal, leash, pipe }: Watched): Promise<Ended> {
  try {
    const child = start(asked, pipe)
    const group = -(await started(child))
    const exit = once(child, 'exit')
    pipe.reader.on('data', push)
    const silence = once(pipe.reader, 'close')
    await leash.hold(-group)
    open(child)
    const cut = await untilEnd(exit, signal, { group, mark: asked.mark })
    await Promise.race([silence, after(lastWords)])
    kill(group)
    killMarked(asked.mark)
    leash.free()
    await Promise.race([silence, after(lastOfAll)])
    return { ...wayOut(child), ...(cut && { cut }) }
  } finally {
    pipe.reader.destroy()
  }
}

function start({ args, env, folder }: Asked, { writer, closeWriter }: Pipe): ChildProcess {
  try {
    return spawn('/bin/sh', ['-c', gate, 'sh', ...args], {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', writer, writer, 'pipe'],
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'E2BIG')
      throw new Error('its environment is larger than this system takes: a variable or an output is too long')
    throw error
  } finally {
    closeWriter()
  }
}

async function started(child: ChildProcess): Promise<number> {
  // There is none where it could not be started, which the event tells.
  if (child.pid === undefined) await once(child, 'spawn')
  if (child.pid === undefined) throw new Error('it could not be started')
  return child.pid
}

function open(child: ChildProcess): void {
  const gate = child.stdio[3]
  if (!gate || !('end' in gate)) return
  // It is dead already.
  gate.on('error', () => {})
  gate.end('go\n')
}

/** Resolves when the process has ended; true where it was made to. */
async function untilEnd(
  exit: Promise<unknown>,
  signal: AbortSignal,
  { group, mark }: { group: number; mark: Mark },
): Promise<true | undefined> {
  const cut = new Promise<true>(resolve => {
    if (signal.aborted) resolve(true)
    signal.addEventListener('abort', () => resolve(true), { once: true })
  })
  const was = await Promise.race([exit.then(() => undefined), cut])
  if (!was) return undefined
  kill(group, 'SIGTERM')
  await Promise.race([exit, after(politeness)])
  kill(group)
  killMarked(mark)
  await Promise.race([exit, after(patience)])
  return true
}

function wayOut({ exitCode, signalCode }: ChildProcess): Ended {
  if (signalCode) return { signal: signalCode }
  return exitCode === null ? { problem: 'it was killed and did not end' } : { code: exitCode }
}
