import { setTimeout as pause } from 'node:timers/promises'
import type { Child } from './child.ts'

/** What keeps a process running. */
export type Ward = {
  /** The process that runs already. */
  first: Child
  /** Starts the next one; tried again where it rejects. */
  launch(): Promise<Child>
  /** Told of every process, the first one too. */
  runs(pid: number): void
  say(line: string): void
  /** How long to wait before the n-th start in a row, in ms. */
  backOff?: (failures: number) => number
}

// At once after a single death, up to ten seconds for one that cannot come up.
const patience = (failures: number) => Math.min(100 * 4 ** (failures - 1), 10_000)

// One that ran for so many ms had come up: its death counts as the first again.
const settled = 5_000

/** Starts a process again whenever it dies, until it is stopped: politely, and by force after `grace` ms. */
export function supervise(ward: Ward): { stop(grace?: number): Promise<void> } {
  const { launch, runs, say, backOff = patience } = ward
  const stopping = new AbortController()
  let current: Child | undefined = ward.first

  async function relaunch(failures: number): Promise<Child | undefined> {
    await pause(backOff(failures), undefined, { signal: stopping.signal }).catch(() => {})
    if (stopping.signal.aborted) return undefined
    try {
      return await launch()
    } catch (error) {
      say(`did not start: ${error instanceof Error ? error.message : error}`)
      return relaunch(failures + 1)
    }
  }

  async function keep(): Promise<void> {
    let failures = 0
    while (current) {
      runs(current.pid)
      const since = Date.now()
      const how = await current.exited
      if (stopping.signal.aborted) return
      failures = Date.now() - since > settled ? 1 : failures + 1
      say(`died (${how}), starting it again`)
      current = await relaunch(failures)
      if (!current) return
      if (stopping.signal.aborted) return current.kill()
      say(`runs again as process ${current.pid}`)
    }
  }
  const kept = keep()

  return {
    async stop(grace = 2_000) {
      stopping.abort()
      await current?.stop(grace)
      // Who is coming up may take long to, and nobody waits for it: it dies with us.
      await Promise.race([kept, pause(grace, undefined, { ref: false })])
    },
  }
}
