import type { Pull, Pulled } from '../../shared/adapters/pull.ts'

/**
 * Where a group waits that has too much in our hands: a queue of its own in stream `retries`, first in first out, which
 * comes back only as fast as the group goes. Whatever comes later of such a group waits behind it there.
 */
export type Sidings = {
  /** Is something of it out there, so that what comes has to go there too? */
  busy(key: string): boolean
  /** One more goes there; or could not, and stays. */
  went(key: string): void
  stayed(key: string): void
  /** The stream is being asked; what this returns takes the answer: how many each has, those in our hands included. */
  asked(): (told: Map<string, number>) => void
  /** Is there any? */
  some(): boolean
  /** Asks for what there is room for. */
  more(): void
  stop(): Promise<unknown>
}

type Siding = {
  /** What is there, or on its way there, and not in our hands. */
  out: number
  /** When something went or came last. */
  movedAt: number
  pull: Pull | undefined
}

/** What is on its way there is surely stored after this. */
const settledAfter = 1_000
/** A siding that is empty for so long is given up. */
const idleAfter = 60_000

/** `held`: how many of each siding are in our hands. */
export function openSidings(world: {
  /** Opens the siding's own pull. */
  open(key: string, take: (pulled: Pulled) => void): Promise<Pull>
  /** Takes what came back from it; false where it had come before. */
  admit(pulled: Pulled): boolean
  held(): Map<string, number>
  now(): number
}): Sidings {
  const sidings = new Map<string, Siding>()
  let stopped = false

  function at(key: string): Siding {
    const known = sidings.get(key)
    if (known) return known
    const made: Siding = { out: 0, movedAt: world.now(), pull: undefined }
    sidings.set(key, made)
    void opened(key, made)
    return made
  }

  async function opened(key: string, siding: Siding): Promise<void> {
    const pull = await world.open(key, pulled => {
      if (world.admit(pulled)) move(siding, -1)
    })
    if (stopped || sidings.get(key) !== siding) return void pull.stop()
    siding.pull = pull
    pull.more()
  }

  function move(siding: Siding, change: 1 | -1): void {
    // Another replica may have put there what comes back here.
    siding.out = Math.max(siding.out + change, 0)
    siding.movedAt = world.now()
  }

  function tidy(): void {
    for (const [key, siding] of sidings) {
      if (siding.out > 0 || world.now() - siding.movedAt < idleAfter) continue
      sidings.delete(key)
      void siding.pull?.stop()
    }
  }

  return {
    busy: key => (sidings.get(key)?.out ?? 0) > 0,
    went: key => move(at(key), 1),
    stayed: key => move(at(key), -1),
    asked() {
      const asked = world.now()
      return told => {
        if (stopped) return
        const held = world.held()
        for (const key of [...told.keys(), ...sidings.keys()]) {
          // What moved since, or just before, is not in this answer for sure.
          const known = sidings.get(key)
          if (known && known.movedAt > asked - settledAfter) continue
          const siding = known ?? at(key)
          siding.out = Math.max((told.get(key) ?? 0) - (held.get(key) ?? 0), 0)
        }
        tidy()
      }
    },
    some: () => sidings.size > 0,
    more() {
      for (const { pull } of sidings.values()) pull?.more()
    },
    stop() {
      stopped = true
      return Promise.all([...sidings.values()].map(({ pull }) => pull?.stop()))
    },
  }
}
