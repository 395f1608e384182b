import { inWords } from '../../shared/duration.ts'
import type { Outcome } from '../../shared/outcome.ts'
import { streams } from '../../shared/streams.ts'
import { longestHeld, pauseBefore, pauseUnattempted, shortest } from './backoff.ts'
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

type Retry = Extract<Outcome, { kind: 'retry' }>

/**
 * Decides it. `crowded`: no room is left for waiting here; `full`: too many of its subject wait already; `random` from
 * 0 to 1.
 */
export function nextFor(
  trigger: Trigger,
  item: Item,
  outcome: Outcome,
  { wall, random, crowded, full }: { wall: number; random: number; crowded: boolean; full: boolean },
): Next {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'ack' }
    case 'drop':
      return { kind: 'bury', attempts: item.attempts + 1, reason: outcome.reason, ...codeOf(outcome) }
    case 'retry': {
      const { reason } = outcome
      const attempts = item.attempts + (outcome.attempted === false ? 0 : 1)
      const end = endOf(trigger, item, { outcome, attempts, full, wall })
      if (end !== undefined) return { kind: 'bury', attempts, reason: end, ...codeOf(outcome) }
      const pause = pauseAfter(trigger, item, { outcome, attempts, random, wall })
      // Too old already is what failed at its age: the last attempt is made then, however long it was to wait.
      const delay = Math.max(Math.min(pause, ageLeft(trigger, item, wall)), shortest)
      return { kind: crowded || delay > longestHeld ? 'leave' : 'wait', attempts, delay, reason }
    }
  }
}

/** What it says where it is buried instead of waiting on. */
function endOf(
  trigger: Trigger,
  item: Item,
  now: { outcome: Retry; attempts: number; full: boolean; wall: number },
): string | undefined {
  const { retry, maxAge, backlog } = trigger.delivery
  const { reason } = now.outcome
  if (now.attempts > retry) return reason
  if (maxAge !== undefined && ageLeft(trigger, item, now.wall) <= 0)
    return `gave up after ${hours(maxAge)}: ${reason}`
  if (isOld(item, now.wall)) return `too old to wait any longer: ${reason}`
  // Whoever reads it wants to know why so many wait.
  return now.full && backlog !== undefined ? `${backlogFull(backlog)} (${reason})` : undefined
}

/** Why an event is buried that would have to wait where enough of its hook's do. */
export const backlogFull = (backlog: number) => `backlog full: ${backlog} deliveries wait for this hook`

function pauseAfter(
  trigger: Trigger,
  item: Item,
  { outcome, attempts, random, wall }: { outcome: Retry; attempts: number; random: number; wall: number },
): number {
  const { delivery } = trigger
  const { after } = outcome
  if (outcome.attempted !== false) return pauseBefore(delivery, attempts, { after, random })
  // What is in order stays here, where it keeps it.
  const longest = trigger.ordered ? longestHeld : longestUnattempted
  return pauseUnattempted(delivery, wall - item.firstTime, { after, random, longest })
}

const longestUnattempted = 300_000

/** For how many milliseconds it may still be tried. */
const ageLeft = ({ delivery: { maxAge } }: Trigger, item: Item, wall: number) =>
  maxAge === undefined ? Number.POSITIVE_INFINITY : item.firstTime + maxAge - wall

// A day is told as people speak of it: 24h.
const hours = (ms: number) => (ms % 3600_000 === 0 && ms > 0 ? `${ms / 3600_000}h` : inWords(ms))

const codeOf = ({ code }: { code?: number }) => (code === undefined ? {} : { code })

/** Is this what its stream would soon throw away? */
export function isOld(item: Item, wall: number): boolean {
  const stream = streams.find(({ name }) => name === item.pulled.stream)
  const nearEnd = 0.9 * 1000
  return stream !== undefined && wall - item.pulled.stored > stream.maxAge * nearEnd
}
