import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:net'

// A shell that reads lists of process ids, always the whole list, until the pipe from here closes; it does however
// we die. Then it kills the groups of the last list. In its own session, so that Ctrl-C does not reach it.
const watchdog = `while read -r line; do pids=$line; done
for pid in $pids; do kill -9 "-$pid"; done`

const held = new Set<number>()
let dog: ChildProcess | undefined

/** From now on the process group `pid` is killed should this process die without releasing it, even by kill -9. */
export function hold(pid: number): void {
  held.add(pid)
  tell()
}

/** The group `pid` has ended by itself. */
export function release(pid: number): void {
  held.delete(pid)
  tell()
}

function tell(): void {
  dog ??= start()
  dog.stdin?.write(`${[...held].join(' ')}\n`)
}

function start(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', watchdog], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.on('error', error =>
    console.error(`Cannot start the watchdog of the local servers: ${error.message}`),
  )
  child.on('exit', () => {
    dog = undefined
    if (held.size > 0) tell()
  })
  // Neither the watchdog nor its pipe keeps this process running.
  child.unref()
  if (child.stdin instanceof Socket) child.stdin.unref()
  child.stdin?.on('error', () => {})
  return child
}
