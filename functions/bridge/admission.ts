import type { Pulled } from '../../shared/adapters/pull.ts'
import { told } from '../../shared/story.ts'
import { subjectMatches } from '../../shared/subject.ts'
import type { Hands } from './hands.ts'
import { type Item, itemOf } from './item.ts'
import type { Queue } from './queue.ts'
import type { Trigger } from './triggers.ts'
import type { World } from './world.ts'

/** Which of what is pulled comes in. */
export type Admission = {
  /** From the trigger's own stream. */
  take(pulled: Pulled): void
  /** From a class of delays; false where it is not due yet. */
  takeAgain(pulled: Pulled): boolean
  /** From a siding, whose turn it is; false where it is not in our hands after all. */
  takeBack(pulled: Pulled): boolean
}

/** What admission needs of the trigger at work. */
export type Gate = {
  hands: Hands
  queue: Queue
  /** Has its group to wait aside? */
  aside(item: Item): boolean
  /** Puts it there. */
  shunt(item: Item): void
  /** Something may go. */
  soon(): void
  /** Nothing is done any more. */
  abandoned(): boolean
  world: Pick<World, 'saw' | 'covered' | 'counts' | 'books' | 'now' | 'wall'>
}

export function admissionTo(trigger: Trigger, gate: Gate): Admission {
  const { hands, queue, world } = gate
  const { subjects } = trigger.filter
  const wantsAll = subjects.includes(`${trigger.stream}.>`)

  function admit(pulled: Pulled): void {
    const item = hold(pulled)
    if (!item) return
    if (gate.aside(item)) return gate.shunt(item)
    queue.add(item)
    gate.soon()
  }

  function hold(pulled: Pulled): Item | undefined {
    const now = world.now()
    if (gate.abandoned() || world.books?.ended(pulled) || hands.again(pulled, now)) return undefined
    const item = itemOf(pulled, trigger, { wall: world.wall(), now })
    hands.hold(item)
    return item
  }

  return {
    take(pulled) {
      world.saw(pulled)
      const wanted = wantsAll || subjects.some(pattern => subjectMatches(pattern, pulled.subject))
      if (wanted && (trigger.covers === 'all' || world.covered(pulled.subject))) return admit(pulled)
      pulled.ack()
      if (wanted) world.counts.uncovered(1)
    },
    takeAgain(pulled) {
      const wait = Number(pulled.headers?.get(told.due) || 0) - world.wall()
      // A class holds about equal delays, first in, first out: what is behind this one is hardly due earlier.
      if (wait > 0) pulled.nak(wait)
      else admit(pulled)
      return wait <= 0
    },
    takeBack(pulled) {
      const item = hold(pulled)
      if (!item) return false
      queue.add(item)
      gate.soon()
      return true
    },
  }
}
