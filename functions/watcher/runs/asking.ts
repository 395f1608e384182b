import type { Wanted } from './wanted.ts'

/** Gives an order until the bus holds it, and again, more and more seldom, while what it is for stays as it is. */
export type Asking = {
  /** These are wanted now, and no others are. Returns when to look again, in Unix ms. */
  want(wanted: Wanted[], now: number): number
  /** The time was put back: what waits to be given waits no longer. */
  back(): void
}

type Asked = { underWay: boolean; times: number; again: number }

// Somebody carries it out within minutes, or it was lost on the way; what cannot be carried out wakes nobody for ever.
const [first, last] = [15 * 60_000, 24 * 3_600_000]
const tryAgain = 1_000

/** What one object wants. `give` resolves when the bus holds the order; `failed` is told when to look again. */
export function askingFor(world: {
  give(wanted: Wanted): Promise<unknown>
  failed(again: number): void
  wall(): number
}): Asking {
  const asked = new Map<string, Asked>()

  function ask(one: Wanted, state: Asked): void {
    state.underWay = true
    world.give(one).then(
      () => {
        const wait = Math.min(first * 2 ** state.times++, last)
        state.again = one.order.order === 'refuse' ? Number.POSITIVE_INFINITY : world.wall() + wait
        state.underWay = false
      },
      () => {
        state.again = world.wall() + tryAgain
        state.underWay = false
        world.failed(state.again)
      },
    )
  }

  return {
    want(wanted, now) {
      const keys = new Map(wanted.map(one => [`${one.order.order} ${one.what}`, one]))
      for (const [key, { underWay }] of asked) if (!underWay && !keys.has(key)) asked.delete(key)
      let soonest = Number.POSITIVE_INFINITY
      for (const [key, one] of keys) {
        const state = asked.get(key) ?? { underWay: false, times: 0, again: now + (one.patience ?? 0) }
        asked.set(key, state)
        if (!state.underWay && state.again <= now) ask(one, state)
        // While it is under way nobody has to look.
        soonest = Math.min(soonest, state.underWay ? now + first : state.again)
      }
      return soonest
    },
    back() {
      for (const state of asked.values()) if (state.times === 0) state.again = 0
    },
  }
}
