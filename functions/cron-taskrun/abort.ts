import type { Stored } from '../../shared/objects.ts'
import { hasEnded, type RunKind } from '../../shared/runs.ts'
import { pipelineChildren } from './pipelines/children.ts'
import { find } from './runs/find.ts'
import { tidy } from './runs/finish.ts'
import { withoutReports } from './runs/status.ts'
import { writeUnlessEnded } from './runs/write.ts'
import type { World } from './world.ts'

/** Ends a run before its time. What runs it here or elsewhere is stopped first: nobody else would come back to it. */
export async function abort(run: Stored<RunKind>, why: string, world: World): Promise<void> {
  if (!isToEnd(run, why)) return
  const { metadata } = run
  if (run.kind === 'TaskRun') {
    const task = await find({ ...metadata, kind: 'TaskRun' as const }, world)
    if (task) await abortTask(task, why, world)
    return
  }
  const pipeline = await find({ ...metadata, kind: 'PipelineRun' as const }, world)
  if (pipeline) await abortPipeline(pipeline, why, world)
}

/** Does it still run, or was it ended for this very reason by somebody who may not have come to the end of it? */
export const isToEnd = ({ status }: Stored<RunKind>, why: string): boolean =>
  !hasEnded(status) || (status.runStatus === 'Aborted' && status.message === why)

async function abortTask(run: Stored<'TaskRun'>, why: string, world: World): Promise<void> {
  await stopTask(run, why, world)
  const now = world.now()
  // Whoever had it may have written down what it came to.
  const latest = await find({ ...run.metadata, kind: run.kind }, world)
  if (!latest) return
  await writeUnlessEnded(
    latest,
    ({ status }) => withoutReports(status, { runStatus: 'Aborted', message: why }, now),
    world,
  )
  await tidy(latest, world)
}

/** Stops whatever runs it, wherever that is. */
export async function stopTask(run: Stored<'TaskRun'>, why: string, world: World): Promise<void> {
  await world.holders.stop(run.metadata.uid, why)
  const { executor: name } = run.status
  const executor = name && (await world.executor(name))
  await executor?.stop(run, why)
}

async function abortPipeline(run: Stored<'PipelineRun'>, why: string, world: World): Promise<void> {
  const completionTime = world.now().toISOString()
  // Ended first: a task that ends would start the next.
  await writeUnlessEnded(
    run,
    ({ status }) => ({ ...status, runStatus: 'Aborted', message: why, completionTime }),
    world,
  )
  for (const child of await pipelineChildren(run.metadata, world.objects)) await abort(child, why, world)
}
