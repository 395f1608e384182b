import { setTimeout as pause } from 'node:timers/promises'

const tries = 40

/**
 * Starts something on a port that was its own before. While it was away the system may have given that port to one end
 * of somebody's connection: this tries again, for ten seconds, until it is free.
 */
export async function whenFree<T>(launch: () => Promise<T>, left = tries): Promise<T> {
  try {
    return await launch()
  } catch (error) {
    if (left === 0 || !/address already in use|is still in use/i.test(String(error))) throw error
    await pause(250)
    return whenFree(launch, left - 1)
  }
}
