/** When whom: milliseconds from the start. */
export type Kill = { at: number; victim: string }

/** Random numbers from 0 to 1 that the same seed repeats (Mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Every victim once, in random order, and then more at random until `kills`, spread over the middle of `duration`. */
export function plan(seed: number, how: { victims: string[]; kills: number; duration: number }): Kill[] {
  const random = seeded(seed)
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
