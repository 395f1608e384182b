import type { Found, Raised } from '../../shared/adapters/raised.ts'
import type { Turn } from '../../shared/counter-events.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { idOf } from '../../shared/id.ts'
import type { Pending } from './cases.ts'
import type { Extra } from './message.ts'

/** Remembers which troubles were told to which hook. `open` keeps the record of one that goes on, `close` a newer one. */
export type Troubles = {
  get(key: string): Promise<Found | undefined>
  open(key: string, raised: Raised): Promise<unknown>
  close(key: string, found: Found, over: string): Promise<unknown>
}

/** The end of a trouble that a hook was told of. */
export type Resolution = Found & { hook: CompiledHook; trouble: string }

/** Names a trouble at a hook. */
export const keyOf = (hook: CompiledHook, trouble: string): string => idOf('raised', hook.id, trouble)

/** What of the troubles that these hooks were told of is over by an event, also when it comes again. */
export async function resolutionsOf(
  troubles: Troubles,
  hooks: CompiledHook[],
  { key, turn }: Pick<Pending, 'key' | 'turn'>,
): Promise<Resolution[]> {
  const asked = hooks.flatMap(hook => (turn?.ends ?? []).map(trouble => ({ hook, trouble })))
  const found = await Promise.all(
    asked.map(async one => {
      const known = await troubles.get(keyOf(one.hook, one.trouble))
      const isOver = known?.raised.over !== undefined && known.raised.over !== key
      return known && !isOver ? { ...one, ...known } : undefined
    }),
  )
  return found.flatMap(one => one ?? [])
}

/** What is told with the event that ends a trouble. */
export const extraOf = ({ hook, trouble, raised }: Resolution): Extra => ({
  id: idOf('resolved', hook.id, raised.deliveryid),
  told: { notice: 'resolved', resolves: raised.deliveryid, raisedat: raised.since, trouble },
})

/**
 * Events in runs in which none has to do with a trouble that another one begins or ends: these come one after the
 * other, since what is told of the first decides what is told of the second.
 */
export function runsOf<T extends { turn?: Turn | undefined }>(all: T[]): T[][] {
  const runs: T[][] = []
  let begun = new Set<string>()
  let ended = new Set<string>()
  let run: T[] | undefined
  for (const one of all) {
    const { raises, ends } = one.turn ?? { raises: [], ends: [] }
    const depends =
      ends.some(name => begun.has(name) || ended.has(name)) || raises.some(name => ended.has(name))
    if (!run || depends) {
      run = []
      runs.push(run)
      begun = new Set()
      ended = new Set()
    }
    run.push(one)
    for (const name of raises) begun.add(name)
    for (const name of ends) ended.add(name)
  }
  return runs
}
