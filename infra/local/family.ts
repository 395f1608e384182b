import { readFile } from 'node:fs/promises'
import { runToEnd } from './command.ts'

/** The processes that `pid` started, and that run now. */
async function childrenOf(pid: number): Promise<number[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => undefined)
  if (listed !== undefined) return listed.split(' ').filter(Boolean).map(Number)
  const { output } = await runToEnd('ps', ['-A', '-o', 'pid=,ppid='])
  return output
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))
}

/**
 * Signals the children of a process too, which each are in a session of their own. Where all are to end or to stop,
 * the process itself is first, so that it starts no others.
 */
export async function signalFamily(
  parent: { pid: number; kill(signal?: NodeJS.Signals): Promise<void> },
  signal: NodeJS.Signals,
): Promise<void> {
  const children = await childrenOf(parent.pid)
  const itself = parent.kill(signal)
  for (const pid of children) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  }
  await itself
}
