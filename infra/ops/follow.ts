import { setTimeout as pause } from 'node:timers/promises'
import { type Client, Trouble, unreachable } from './client.ts'
import { isOver, Run, stepsOf, stepText } from './run-object.ts'

const every = 1_000
/** So often in a row ops-api may be away, as it is while it is put up anew. */
const mostMisses = 30
/** After so long somebody should have begun. */
const longWait = 20_000

/** Looks at a run until it has ended, and prints each step as it has. @throws Trouble where it cannot be looked at */
export async function follow(
  path: string,
  { client, print, warn }: { client: Client; print(text: string): void; warn(text: string): void },
): Promise<Run> {
  const told = new Set<string>()
  const begun = performance.now()
  let misses = 0
  let warned = false
  for (;;) {
    const run = await look()
    if (run) {
      misses = 0
      for (const step of stepsOf(run)) {
        if (told.has(step.where)) continue
        told.add(step.where)
        print(stepText(step))
      }
      if (isOver(run)) return run
      if (!warned && !run.status.runStatus && performance.now() - begun > longWait) {
        warned = true
        warn('Nobody has begun it yet: are the watcher, the bridge and cron-taskrun at work?')
      }
    }
    await pause(every)
  }

  async function look(): Promise<Run | undefined> {
    try {
      return await client.ask(Run, 'GET', path)
    } catch (error) {
      const passes = error instanceof Trouble && (error.code === unreachable || (error.status ?? 0) >= 500)
      if (!passes || ++misses > mostMisses) throw error
      return undefined
    }
  }
}
