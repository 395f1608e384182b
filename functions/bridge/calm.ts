import { setTimeout as pause } from 'node:timers/promises'
import type { Trigger } from './triggers.ts'
import type { World } from './world.ts'

/** When an ordered trigger may pull and send again, after others or its own former connection had events out. */
export type Calm = {
  /** May it pull? */
  settled(): boolean
  /** Until when it gathers what comes again; undefined where it does not. */
  gathersUntil(now: number): number | undefined
  /** Waits for what was handed out, for so many milliseconds at most. */
  settle(longest: number): Promise<void>
}

const longestGathering = 1_000
const askEvery = 200

/**
 * What was handed out and is not in our hands comes back first once its lease is over: an ordered trigger waits for
 * that, since pulling before would overtake it. Leases end in any order: what comes again is in order only once all of
 * it is here.
 */
export function calmOf(
  trigger: Trigger,
  about: {
    world: Pick<World, 'now' | 'handedOut'>
    /** How many events there is room for, and how many of the stream are here. */
    capacity: number
    here(): number
    stopped(): boolean
    /** It is calm: more may be pulled, and what has come by that time may go. */
    over(until: number): void
    /** For how many milliseconds it is known from the start not to be calm. */
    unrest: number
  },
): Calm {
  const { world, capacity, here, stopped } = about
  let settledAt = world.now() + about.unrest
  let gathering = { events: 0, until: 0 }

  return {
    settled: () => settledAt <= world.now(),
    gathersUntil: now => (now < gathering.until && here() < gathering.events ? gathering.until : undefined),
    async settle(longest) {
      if (!trigger.ordered) return
      const until = world.now() + longest
      settledAt = until
      let out: { pending: number; waiting: number } | undefined
      while (!stopped() && world.now() < until && settledAt === until) {
        out = await world.handedOut()
        if (out && out.waiting === 0 && out.pending <= here()) settledAt = world.now()
        else await pause(askEvery)
      }
      gathering = { events: Math.min(out?.pending ?? 0, capacity), until: world.now() + longestGathering }
      about.over(gathering.until)
    },
  }
}
