import { messageOf } from '../../../shared/log.ts'
import type { Stored } from '../../../shared/objects.ts'
import { hasEnded } from '../../../shared/runs.ts'
import type { Executor } from '../executor.ts'
import type { World } from '../world.ts'
import { find } from './find.ts'
import { idOfRun } from './finish.ts'

const lookEvery = 10_000

/**
 * Looks now and then whether a run that is under way here is still to run: somebody may have ended or deleted it while
 * this process could not be told.
 */
export function watchOver(
  run: Stored<'TaskRun'>,
  executor: Pick<Executor, 'stop'>,
  world: Pick<World, 'objects' | 'log'>,
): { end(): void } {
  async function turn(): Promise<void> {
    try {
      const now = await find({ ...run.metadata, kind: run.kind }, world)
      if (!now) await executor.stop(run, 'It was deleted')
      else if (hasEnded(now.status)) await executor.stop(run, 'It has been ended')
    } catch (error) {
      world.log.warn(
        { run: idOfRun(run), err: messageOf(error) },
        'Cannot look whether the run is still to run',
      )
    }
  }
  const timer = setInterval(turn, lookEvery)
  return { end: () => clearInterval(timer) }
}
