import type { Stored } from '../../../shared/objects.ts'
import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome, retry } from '../../../shared/outcome.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { abort } from '../abort.ts'
import { find } from '../runs/find.ts'
import { writeUnlessEnded } from '../runs/write.ts'
import type { World } from '../world.ts'
import { advanceRun } from './advance.ts'
import { pipelineChildren, taskOf } from './children.ts'

/** Ends a PipelineRun that is past its deadline, with the task that it is at. */
export async function pipelineOverdue(
  order: Extract<Order, { order: 'overdue' }>,
  world: World,
): Promise<Outcome> {
  // It may have ended by itself, or a word that it could go on was lost.
  const advanced = await advanceRun(order, world)
  if (advanced.kind !== 'done') return advanced
  const run = await find({ ...order, kind: 'PipelineRun' as const }, world)
  if (!run?.status.runStatus) return done
  if (hasEnded(run.status)) return stopAll(run, world)
  const now = world.now()
  const late = now.getTime() - Date.parse(run.status.deadline ?? run.metadata.creationTimestamp)
  if (late < 0) return retry('Its deadline is yet to come', { attempted: false, after: 1_000 - late })

  const running = await runningOf(run, world)
  const tasks = running.map(child => `task "${taskOf(child)}"`).join(', ')
  const message = `It had not ended by its deadline${tasks && `: ${tasks} was still running`}`
  const completionTime = now.toISOString()
  // Before its tasks: one that ends would start the next.
  await writeUnlessEnded(
    run,
    ({ status }) => ({
      ...status,
      ...{ runStatus: 'Failed', message, completionTime },
      pipelineRunStatus: (status.pipelineRunStatus ?? []).map(entry =>
        hasEnded(entry.taskRunStatus ?? {})
          ? entry
          : { ...entry, taskRunStatus: { ...entry.taskRunStatus, runStatus: 'Aborted', message } },
      ),
    }),
    world,
  )
  return stopAll(run, world)
}

const runningOf = async (run: Stored<'PipelineRun'>, { objects }: Pick<World, 'objects'>) =>
  (await pipelineChildren(run.metadata, objects)).filter(({ status }) => !hasEnded(status))

async function stopAll(run: Stored<'PipelineRun'>, world: World): Promise<Outcome> {
  for (const child of await runningOf(run, world)) await abort(child, 'Its PipelineRun has ended', world)
  return done
}

/** Ends and removes what is left of a PipelineRun that was deleted while it ran. */
export async function pipelineGone(order: Extract<Order, { order: 'gone' }>, world: World): Promise<Outcome> {
  for (const child of await pipelineChildren(order, world.objects)) {
    await abort(child, 'Its PipelineRun was deleted', world)
    await world.objects.remove(child)
  }
  return done
}
