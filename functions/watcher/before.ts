import { setTimeout as pause } from 'node:timers/promises'
import { type Log, messageOf } from '../../shared/log.ts'

/**
 * What is in force now, hooks or silences, as an earlier process or another replica has put it there; nothing where
 * nobody has. Waits until the bus can be asked.
 */
export async function inForceBefore<T>(world: {
  /** Makes the place where it lies, if that is missing. */
  prepare(): Promise<void>
  current(): Promise<T[]>
  log: Log
}): Promise<T[]> {
  for (;;) {
    try {
      await world.prepare()
      break
    } catch (error) {
      world.log.debug({ err: messageOf(error) }, 'Cannot ask for what is in force yet')
      await pause(500, undefined, { ref: false })
    }
  }
  // The place is there, so what fails now is that nothing lies in it.
  return world.current().catch(() => [])
}
