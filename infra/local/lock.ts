import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { runToEnd } from './command.ts'

/**
 * Takes the lock of a folder for this process, over from one that has died. `held` is the process that has it.
 * `program` is a part of the command line by which its holder is known: a process id alone may be another's by now.
 */
export async function takeLock(
  dir: string,
  program: string,
): Promise<{ release(): void } | { held: number }> {
  const lock = join(dir, 'lock')
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    for (;;) {
      if (linked(mine, lock)) return { release: () => rmSync(lock, { force: true }) }
      const holder = read(lock)
      if (holder === undefined) continue
      if (await isRunning(Number(holder), program)) return { held: Number(holder) }
      moveAway(lock, holder)
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

/** As `takeLock` among programs of Node, once its holder has let go: `waiting` is told of that one, once. */
export async function waitForLock(
  dir: string,
  waiting: (held: number) => void,
): Promise<{ release(): void }> {
  for (let told = false; ; told = true) {
    const lock = await takeLock(dir, basename(process.execPath))
    if ('release' in lock) return lock
    if (!told) waiting(lock.held)
    await pause(500)
  }
}

/** Unlike writing, linking fails when the file is there, and what it makes is complete at once. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Removes the dead holder's lock, but not that of somebody who did the same a moment earlier. */
function moveAway(lock: string, holder: string): void {
  const aside = `${lock}.stale.${process.pid}`
  try {
    renameSync(lock, aside)
  } catch {
    return
  }
  if (read(aside) !== holder) linked(aside, lock)
  rmSync(aside, { force: true })
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Is `pid` a process whose command line has `program` in it? */
export async function isRunning(pid: number, program: string): Promise<boolean> {
  if (pid === process.pid || !Number.isInteger(pid) || pid <= 0) return false
  const command = commandOf(pid) ?? (await runToEnd('ps', ['-p', String(pid), '-o', 'command='])).output
  return command.includes(program)
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return undefined
  }
}
