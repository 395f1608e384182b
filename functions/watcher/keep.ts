import type { HookSet } from '../../shared/hookset.ts'
import { type Log, messageOf } from '../../shared/log.ts'

/** A set with what it is told from others by. */
type Revised = { revision: string }

/** Holds one set in force, until the next. */
export type Keeper<T extends Revised = HookSet> = {
  /** This set from now on. */
  keep(set: T): void
  /** Is a set in force, this one or one before? */
  ready(): boolean
  stop(): void
}

/** `prepare` runs before the first `put` and after each failure: what is missing may be the place to put it. */
export type KeeperWorld<T extends Revised = HookSet> = {
  prepare(): Promise<void>
  /** Puts a set in force; of one that is in force already it sees to what is lost of it. */
  put(set: T): Promise<void>
  /** The first set is in force. */
  first(): void
  /** A set is in force that was not. */
  renewed(): void
  failed(): void
  log: Log
}

/**
 * Puts the latest set in force, every `again` ms until it is, and looks after it every `every` ms from then on. `what`
 * it is a set of stands in the log.
 */
export function keeper<T extends Revised = HookSet>(
  world: KeeperWorld<T>,
  { every = 5_000, again = 500, what = 'Hooks' } = {},
): Keeper<T> {
  let wanted: T | undefined
  let held: string | undefined
  let prepared = false
  let failing = ''
  let running = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  async function tend(): Promise<void> {
    clearTimeout(timer)
    if (running || stopped || !wanted) return
    running = true
    const set = wanted
    const done = await attempt(set)
    running = false
    if (stopped) return
    if (set !== wanted) return tend()
    timer = setTimeout(tend, done ? every : again)
  }

  async function attempt(set: T): Promise<boolean> {
    try {
      if (!prepared) await world.prepare()
      prepared = true
      await world.put(set)
      failing = ''
      if (held !== set.revision) isHeld(set.revision)
      return true
    } catch (error) {
      prepared = false
      world.failed()
      const why = messageOf(error)
      if (why !== failing && !stopped)
        world.log.warn(
          { err: why, revision: set.revision },
          `Cannot put the ${what.toLowerCase()} in force, trying again`,
        )
      failing = why
      return false
    }
  }

  function isHeld(revision: string) {
    world.log.info({ revision }, `${what} in force`)
    world.renewed()
    if (held === undefined) world.first()
    held = revision
  }

  return {
    keep(set) {
      wanted = set
      void tend()
    },
    ready: () => held !== undefined,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
