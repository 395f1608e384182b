import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const patience = 5_000
const stopped = /^[TtZX]/

/**
 * Resolves when a process that was told to stop stands still with all of its threads, which on a busy machine still do
 * what they were at for a while. At once where the process is gone, or there is no /proc.
 */
export async function standsStill(pid: number): Promise<void> {
  const end = performance.now() + patience
  while (!statesOf(pid).every(state => stopped.test(state)) && performance.now() < end) await pause(1)
}

function statesOf(pid: number): string[] {
  const tasks = `/proc/${pid}/task`
  return orIfGone(() => readdirSync(tasks), []).map(task =>
    // The name before it may have anything in it, but for its last parenthesis.
    orIfGone(() => readFileSync(`${tasks}/${task}/stat`, 'utf8').split(') ').at(-1) ?? '', 'X'),
  )
}

/** A thread that ends while it is looked at says nothing of the others. */
function orIfGone<T>(read: () => T, gone: T): T {
  try {
    return read()
  } catch {
    return gone
  }
}
