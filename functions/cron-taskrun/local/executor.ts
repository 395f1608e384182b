import type { Executor } from '../executor.ts'
import { heldRuns } from '../steps/held.ts'
import { markOf } from '../steps/mark.ts'
import { walk } from '../steps/walk.ts'
import { killMarked } from './leftovers.ts'
import { openRoom } from './room.ts'

/** What steps get of our own environment. */
const kept = ['PATH', 'HOME', 'LANG', 'TZ'] as const

export type LocalWorld = {
  /** The name of this machine. */
  hostname: string
  /** Our own environment; steps get no more of it than PATH, HOME, LANG and TZ. */
  env: Record<string, unknown>
  now(): Date
  /** How many runs go on at once. */
  most?: number
}

/** Runs steps as processes of this machine; who starts work waits for its end. */
export function localExecutor({ hostname, env, now, most = 16 }: LocalWorld): Executor {
  const held = heldRuns({ most, now })
  const own = Object.fromEntries(
    kept.flatMap(name => (typeof env[name] === 'string' ? [[name, env[name]]] : [])),
  )

  return {
    async places({ host }) {
      if (host === undefined || here.test(host) || host === hostname) return [{ name: hostname }]
      return {
        problem: `"${host}" is not here: without a cluster steps run on "${hostname}", and by SSH on Hosts`,
      }
    },
    start: work =>
      held.start(work, async signal => {
        const mark = markOf(work.run)
        const room = await openRoom({ mark, env: own })
        try {
          return await Promise.all(work.at.map(at => walk(at, { work, run: room.run, signal, now })))
        } finally {
          await room.close()
        }
      }),
    async look(run) {
      const known = held.look(run)
      if (known) return known
      killMarked(markOf(run))
      return { state: 'lost', reason: 'cron-taskrun was ended while it ran it', places: [] }
    },
    async stop(run, why) {
      if (!(await held.stop(run, why))) killMarked(markOf(run))
    },
  }
}

const here = /^(localhost|all|any(node|master|worker)|all(masters|workers))$/
