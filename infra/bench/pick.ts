/** Takes one of a list. */
export type Pick = <T>(from: readonly T[]) => T

/** Picks by a linear congruence, the same for the same seed: every run measures the same. */
export function picker(seed: number): Pick {
  let state = seed
  return from => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const picked = from[Math.floor((state / 2 ** 32) * from.length)]
    if (picked === undefined) throw new RangeError('Cannot pick from an empty list')
    return picked
  }
}
