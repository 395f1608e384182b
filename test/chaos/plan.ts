import { randomOf } from '../../infra/bench/random.ts'

/** When whom: milliseconds from the start. */
export type Kill = { at: number; victim: string }

/** Every victim once, in random order, and then more at random until `kills`, spread over the middle of `duration`. */
export function plan(seed: number, how: { victims: string[]; kills: number; duration: number }): Kill[] {
  const random = randomOf(seed)
  const order = how.victims
    .map(victim => ({ victim, by: random() }))
    .sort((one, other) => one.by - other.by)
    .map(({ victim }) => victim)
  while (order.length < how.kills) order.push(how.victims[Math.floor(random() * how.victims.length)] ?? '')
  const span = how.duration * 0.9
  return order.slice(0, how.kills).map((victim, index) => ({
    victim,
    at: how.duration * 0.05 + ((index + random() * 0.8) / how.kills) * span,
  }))
}
