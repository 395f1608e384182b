import { randomOf } from '../infra/bench/random.ts'

/** The same in another order. */
export function mixed<T>(all: readonly T[], seed: number): T[] {
  const random = randomOf(seed)
  return all
    .map(one => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}
