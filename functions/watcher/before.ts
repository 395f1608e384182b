import { setTimeout as pause } from 'node:timers/promises'
import type { CompiledHook, HookSet } from '../../shared/hookset.ts'
import { type Log, messageOf } from '../../shared/log.ts'

/**
 * The hooks that are in force now, as an earlier process or another replica has put them there; none where nobody has.
 * Waits until the bus can be asked.
 */
export async function hooksBefore(world: {
  /** Makes the place where they lie, if it is missing. */
  prepare(): Promise<void>
  current(): Promise<HookSet>
  log: Log
}): Promise<CompiledHook[]> {
  for (;;) {
    try {
      await world.prepare()
      break
    } catch (error) {
      world.log.debug({ err: messageOf(error) }, 'Cannot ask for the hooks in force yet')
      await pause(500, undefined, { ref: false })
    }
  }
  // The place is there, so what fails now is that nothing lies in it.
  return world.current().then(
    ({ hooks }) => hooks,
    () => [],
  )
}
