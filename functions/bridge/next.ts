import type { Outcome } from '../../shared/outcome.ts'
import { streams } from '../../shared/streams.ts'
import { longestHeld, pauseBefore } from './backoff.ts'
import type { Item } from './item.ts'
import type { Trigger } from './triggers.ts'

/**
 * What happens to an event after an attempt. `wait`: here, for so many milliseconds. `leave`: it waits in stream
 * `retries`, where a long delay blocks nobody. `bury`: it becomes a dead letter. `attempts` as they stand now.
 */
export type Next =
  | { kind: 'ack' }
  | { kind: 'wait' | 'leave'; attempts: number; delay: number; reason: string }
  | { kind: 'bury'; attempts: number; reason: string; code?: number }

/** Decides it. `crowded`: no room is left for waiting here; `random` from 0 to 1. */
export function nextFor(
  trigger: Trigger,
  item: Item,
  outcome: Outcome,
  { wall, random, crowded }: { wall: number; random: number; crowded: boolean },
): Next {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'ack' }
    case 'drop':
      return { kind: 'bury', attempts: item.attempts + 1, reason: outcome.reason, ...codeOf(outcome) }
    case 'retry': {
      const { reason } = outcome
      const attempts = item.attempts + (outcome.attempted === false ? 0 : 1)
      if (attempts > trigger.delivery.retry) return { kind: 'bury', attempts, reason, ...codeOf(outcome) }
      if (isOld(item, wall)) {
        return { kind: 'bury', attempts, reason: `too old to wait any longer: ${reason}`, ...codeOf(outcome) }
      }
      const delay = pauseBefore(trigger.delivery, Math.max(attempts, 1), { after: outcome.after, random })
      return { kind: crowded || delay > longestHeld ? 'leave' : 'wait', attempts, delay, reason }
    }
  }
}

const codeOf = ({ code }: { code?: number }) => (code === undefined ? {} : { code })

/** Is this what its stream would soon throw away? */
function isOld(item: Item, wall: number): boolean {
  const stream = streams.find(({ name }) => name === item.pulled.stream)
  const nearEnd = 0.9 * 1000
  return stream !== undefined && wall - item.pulled.stored > stream.maxAge * nearEnd
}
