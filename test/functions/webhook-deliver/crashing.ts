/** A step of the outside world at which the process dies: before it is made, or before its answer is seen. */
export type Crash = { step: number; when: 'before' | 'after' }

/** A crash at each of so many steps, before and after. */
export const crashesAt = (steps: number): Crash[] =>
  Array.from({ length: steps }, (_, at) => at + 1).flatMap(step => [
    { step, when: 'before' },
    { step, when: 'after' },
  ])

/** What a process asks of the world goes through `step`; with a crash nothing is answered any more from there on. */
export function crashing(crash?: Crash) {
  let steps = 0
  let dead = false
  const { promise: crashed, resolve: die } = Promise.withResolvers<'crashed'>()
  const step =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const never = new Promise<R>(() => {})
      const own = ++steps
      if (crash?.step === own && crash.when === 'before') dead = true
      if (dead) {
        die('crashed')
        return never
      }
      const answer = await call(...args)
      if (crash?.step === own) dead = true
      if (!dead) return answer
      die('crashed')
      return never
    }
  return { step, crashed, steps: () => steps }
}
