import type { Child } from './child.ts'
import { supervise } from './supervise.ts'

/** Keeps several processes running, and stops them in turn. */
export type Keeper = {
  /** The process that runs under each name. */
  pids: Record<string, number>
  /** Starts a process and keeps it running; resolves with what the first start gave, or rejects with its error. */
  keep<T extends { child: Child }>(name: string, launch: () => Promise<T>): Promise<T>
  /** Stops all of them at once. */
  stop(grace: number): Promise<void>
}

/** A keeper; `changed` is told after each start of a process, `say` of deaths. */
export function keeper({ say, changed }: { say(line: string): void; changed(): void }): Keeper {
  const wards: Array<{ stop(grace?: number): Promise<void> }> = []
  const pids: Record<string, number> = {}
  return {
    pids,
    async keep(name, launch) {
      const first = await launch()
      const ward = supervise({
        first: first.child,
        launch: async () => (await launch()).child,
        say: line => say(`${name} ${line}`),
        runs(pid) {
          pids[name] = pid
          changed()
        },
      })
      wards.push(ward)
      return first
    },
    async stop(grace) {
      await Promise.all(wards.map(ward => ward.stop(grace)))
    },
  }
}
