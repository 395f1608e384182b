/** The delay classes of stream `retries`, in seconds; each is a first-in-first-out queue, so its delays are all equal. */
export const delayClasses = [1, 5, 30, 120, 600, 1800, 3600, 7200] as const

/** The class whose delay is nearest to so many milliseconds, by ratio. */
export function classOf(delay: number): number {
  const seconds = delay / 1000
  return delayClasses.reduce((best, next) =>
    Math.abs(Math.log(next / seconds)) < Math.abs(Math.log(best / seconds)) ? next : best,
  )
}
