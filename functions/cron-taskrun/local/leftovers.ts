import { readdirSync, readFileSync } from 'node:fs'
import type { Mark } from '../steps/mark.ts'

// Synchronous throughout: in between, one more could be forked.

/**
 * Kills all processes that have the mark in their environment, whatever session they are in; what they fork meanwhile
 * too. Does nothing where there is no /proc.
 */
export function killMarked({ name, value }: Mark): void {
  const line = `\0${name}=${value}\0`
  const killed = new Set<number>()
  // Each turn finds what was forked before the last one was dead.
  for (let turn = 0; turn < 50; turn++) {
    const found = processes().filter(pid => !killed.has(pid) && environmentOf(pid).includes(line))
    if (found.length === 0) return
    for (const pid of found) {
      killed.add(pid)
      kill(pid)
    }
  }
}

/** Kills a process, or with a negative id a whole group; that it is gone already is no failure. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone, or another user's by now.
  }
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(Number)
      .filter(pid => pid !== process.pid)
  } catch {
    return []
  }
}

function environmentOf(pid: number): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`
  } catch {
    // Gone, or another user's.
    return ''
  }
}
