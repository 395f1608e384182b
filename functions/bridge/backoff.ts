import type { Trigger } from './triggers.ts'

/** How long failures are spread: short ones stay in the bridge, the others wait in stream `retries`. */
export const longestHeld = 5_000

/** The pauses of policy `ladder` after each attempt in seconds, the last of them from then on. */
const ladder = [5, 30, 120, 600, 1800, 3600, 7200] as const
const top = 7200

type Policy = Pick<Trigger['delivery'], 'backoffPolicy' | 'backoffDelay' | 'backoffMax'>

/**
 * The pause in milliseconds before attempt number `attempts` + 1, but never before the time that the receiver asked
 * for: full jitter below the policy's curve, or the ladder's step and a fifth more or less. `random` is from 0 to 1.
 */
export function pauseBefore(
  delivery: Policy,
  attempts: number,
  { after = 0, random }: { after?: number | undefined; random: number },
): number {
  const own =
    delivery.backoffPolicy === 'ladder' ? stepOf(attempts, random) : belowCurve(delivery, attempts, random)
  return Math.max(own, Math.min(after, longestAsked))
}

const stepOf = (attempts: number, random: number) =>
  (ladder[attempts - 1] ?? top) * 1000 * (0.8 + 0.4 * random)

function belowCurve(delivery: Policy, attempts: number, random: number): number {
  const growth = delivery.backoffPolicy === 'linear' ? attempts : 2 ** Math.min(attempts - 1, 30)
  const ceiling = Math.min(delivery.backoffDelay * Math.max(growth, 1), delivery.backoffMax)
  // A pause of nothing at all would make a hot loop of the unlucky draw.
  return Math.max(ceiling * random, Math.min(shortest, ceiling))
}

/**
 * The pause in milliseconds after nothing was attempted: half of `age`, the time that it has been going on, up to
 * `longest`, so it grows without being counted. Where a pause was asked for it is that one, or an eighth of the age:
 * thousands that wait for one receiver would ask every few seconds all day, and still come soon once it is back.
 */
export function pauseUnattempted(
  delivery: Policy,
  age: number,
  { after, random, longest }: { after?: number | undefined; random: number; longest: number },
): number {
  const grown = (age / (after === undefined ? 2 : 8)) * (0.8 + 0.4 * random)
  const own = Math.max(Math.min(grown, delivery.backoffMax, longest), delivery.backoffDelay)
  return Math.max(own, Math.min(after ?? 0, longestAsked))
}

/** The shortest pause, in milliseconds. */
export const shortest = 50
/** A receiver may ask for patience, not for oblivion. */
const longestAsked = 2 * 3600_000
