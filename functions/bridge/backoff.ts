import type { Trigger } from './triggers.ts'

/** How long failures are spread: short ones stay in the bridge, the others wait in stream `retries`. */
export const longestHeld = 5_000

/** The delay classes of stream `retries`, in seconds; each is a first-in-first-out queue, so its delays are all equal. */
export const delayClasses = [1, 5, 30, 120, 600, 1800, 3600, 7200] as const

/**
 * The pause in milliseconds before attempt number `attempts` + 1: full jitter below the policy's curve, but never
 * before the time that the receiver asked for. `random` is from 0 to 1.
 */
export function pauseBefore(
  delivery: Pick<Trigger['delivery'], 'backoffPolicy' | 'backoffDelay' | 'backoffMax'>,
  attempts: number,
  { after = 0, random }: { after?: number | undefined; random: number },
): number {
  const growth = delivery.backoffPolicy === 'linear' ? attempts : 2 ** Math.min(attempts - 1, 30)
  const ceiling = Math.min(delivery.backoffDelay * Math.max(growth, 1), delivery.backoffMax)
  // A pause of nothing at all would make a hot loop of the unlucky draw.
  const jittered = Math.max(ceiling * random, Math.min(50, ceiling))
  return Math.max(jittered, Math.min(after, longestAsked))
}

/** A receiver may ask for patience, not for oblivion. */
const longestAsked = 2 * 3600_000

/** The class whose delay is nearest by ratio. */
export function classOf(delay: number): number {
  const seconds = delay / 1000
  return delayClasses.reduce((best, next) =>
    Math.abs(Math.log(next / seconds)) < Math.abs(Math.log(best / seconds)) ? next : best,
  )
}
