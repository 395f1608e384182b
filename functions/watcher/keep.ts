import type { HookSet } from '../../shared/hookset.ts'
import { type Log, messageOf } from '../../shared/log.ts'

/** Holds one set in force, until the next. */
export type Keeper = {
  /** This set from now on. */
  keep(set: HookSet): void
  /** Is a set in force, this one or one before? */
  ready(): boolean
  stop(): void
}

/** `prepare` runs before the first `put` and after each failure: what is missing may be the place to put it. */
export type KeeperWorld = {
  prepare(): Promise<void>
  /** Puts a set in force; of one that is in force already it sees to what is lost of it. */
  put(set: HookSet): Promise<void>
  /** The first set is in force. */
  first(): void
  /** A set is in force that was not. */
  renewed(): void
  failed(): void
  log: Log
}

/** Puts the latest set in force, every `again` ms until it is, and looks after it every `every` ms from then on. */
export function keeper(world: KeeperWorld, { every = 5_000, again = 500 } = {}): Keeper {
  let wanted: HookSet | undefined
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

  async function attempt(set: HookSet): Promise<boolean> {
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
        world.log.warn({ err: why, revision: set.revision }, 'Cannot put the hooks in force, trying again')
      failing = why
      return false
    }
  }

  function isHeld(revision: string) {
    world.log.info({ revision }, 'Hooks in force')
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
