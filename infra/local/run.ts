import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { whatRuns, whatToTry } from './advice.ts'
import { readEndpoints, removeEndpoints } from './endpoints.ts'
import { components } from './kubernetes/components.ts'
import { takeLock } from './lock.ts'
import { printer } from './printer.ts'
import type { LocalProcess } from './processes.ts'
import { bringUp } from './stack.ts'

/**
 * Runs a local stack until it is told to end, with its state in `dir`, by default `.local` in the repository. Beside
 * one that runs there already it only says what runs where. With `cluster` Kubernetes is a part of it.
 */
export async function runStack(options: {
  root: string
  table: LocalProcess[]
  dir?: string
  cluster?: boolean
}): Promise<void> {
  const { root, table, dir = join(root, '.local'), cluster = false } = options
  const servers = ['nats-server', 'redis-server', 'postgres', ...(cluster ? components : [])]
  const names = ['start', ...table.map(({ name }) => name), ...servers]
  const print = printer(process.stdout, names)
  const say = (line: string) => print('start', line)

  mkdirSync(dir, { recursive: true })
  const lock = await takeLock(dir, basename(process.argv[1] ?? ''))
  if ('held' in lock) return sayWhatRuns(dir, lock.held)
  // One that was killed could not do it.
  removeEndpoints(dir)

  // npm moves to the folder of the package; INIT_CWD is where the user is.
  const cwd = process.env.INIT_CWD ?? process.cwd()
  const stack = bringUp({ root, dir, table, cluster, env: process.env, cwd, print, say })
  let ending = false
  const end = async (why: string, code: number) => {
    if (ending) return
    ending = true
    say(`${why}, stopping everything …`)
    removeEndpoints(dir)
    await stack.stop()
    lock.release()
    say('Stopped')
    // What could not be stopped is killed by the watchdog when this process ends.
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal, 0))
  // Whoever read our output is gone, and the terminal with it.
  process.stdout.on('error', () => end('Output closed', 0))

  try {
    const endpoints = await stack.ready
    if (!ending) process.stdout.write(whatToTry(endpoints, process.env.ACTIVE_NAMESPACE || 'ops-system'))
  } catch (error) {
    if (ending) return
    say(error instanceof Error ? error.message : String(error))
    await end('Could not start', 1)
  }
}

function sayWhatRuns(dir: string, pid: number): void {
  const endpoints = readEndpoints(dir)
  const lines = endpoints
    ? [
        `Already running, as process ${pid}:`,
        ...whatRuns(endpoints),
        `Ctrl-C there or "kill ${pid}" ends it.`,
      ]
    : [
        `Process ${pid} is starting everything right now; what runs where will be in ${join(dir, 'endpoints.json')}`,
      ]
  console.log(lines.join('\n'))
}
