import { isDeepStrictEqual } from 'node:util'
import { RefusedObject, type Stored } from '../../../shared/objects.ts'
import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome, retry } from '../../../shared/outcome.ts'
import type { PipelineRunStatus } from '../../../shared/resources/pipeline-run.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { isOwnedBy } from '../runs/child.ts'
import { find } from '../runs/find.ts'
import { idOfRun } from '../runs/finish.ts'
import type { World } from '../world.ts'
import { pipelineChildren, taskDraft } from './children.ts'
import { fittedEntries } from './entries.ts'
import { type Next, next, type Start } from './next.ts'

const mostTurns = 50
/** What a TaskRun can hold beside its status, in bytes. */
const mostOfVariables = 640 * 1024

/** The TaskRun of a task has ended, or is gone: the next one runs, or the pipeline is through. */
export const advance = (order: Extract<Order, { order: 'advance' }>, world: World): Promise<Outcome> =>
  advanceRun(order, world)

/** Brings a PipelineRun as far as it goes by now; as often as it is asked for. */
export async function advanceRun(
  about: { namespace: string; name: string; uid: string },
  world: World,
): Promise<Outcome> {
  const { namespace, name, uid } = about
  for (let turn = 0; turn < mostTurns; turn++) {
    const run = await find({ kind: 'PipelineRun' as const, namespace, name, uid }, world)
    if (!run || hasEnded(run.status) || !run.status.pipelineSpec) return done
    const children = await pipelineChildren(run.metadata, world.objects)
    const step = next(run.status.pipelineSpec, run.status.pipelineRunStatus ?? [], children)
    if (step.kind === 'start') {
      const refusal = await make(run, step, world)
      if (refusal) return refusal
      continue
    }
    const status = statusOf(run, step, world.now())
    if (isDeepStrictEqual(status, run.status)) return done
    if (!(await world.objects.putStatus(run, status))) continue
    const { runStatus, message } = status
    if (step.kind === 'end') world.log.info({ run: idOfRun(run), runStatus, message }, 'Run ended')
    return done
  }
  return retry('Others write its status', { after: 1_000 })
}

function statusOf(
  { status }: Stored<'PipelineRun'>,
  step: Exclude<Next, { kind: 'start' }>,
  now: Date,
): PipelineRunStatus {
  const told = { ...status, pipelineRunStatus: fittedEntries(step.entries) }
  if (step.kind === 'wait') return told
  const { runStatus, message } = step
  return { ...told, runStatus, ...(message !== undefined && { message }), completionTime: now.toISOString() }
}

/** Makes the TaskRun of a task; what to answer where that cannot be. */
async function make(run: Stored<'PipelineRun'>, step: Start, world: World): Promise<Outcome | undefined> {
  const draft = taskDraft(run, step)
  const bytes = Buffer.byteLength(JSON.stringify(step.variables))
  if (bytes > mostOfVariables) {
    const problem = `The variables of task "${step.task.name}" have ${bytes} bytes, they may have ${mostOfVariables}`
    return failed(run, problem, world)
  }
  const { namespace, name } = draft.metadata
  try {
    if (await world.objects.create(draft)) {
      world.log.info({ run: idOfRun(run), task: step.task.name, taskRun: name }, 'Task of a pipeline made')
      return undefined
    }
  } catch (error) {
    if (!(error instanceof RefusedObject)) throw error
    return failed(run, error.message, world)
  }
  const there = await world.objects.get('TaskRun', namespace, name)
  if (!there || isOwnedBy(there, run.metadata)) return undefined
  const isLeft = there.metadata.ownerReferences.some(
    owner => owner.kind === 'PipelineRun' && owner.name === run.metadata.name,
  )
  if (isLeft)
    return retry(`TaskRun "${name}" of an earlier run is still there`, { attempted: false, after: 5_000 })
  return failed(run, `There is a TaskRun "${name}" already, which is not of this run`, world)
}

async function failed(run: Stored<'PipelineRun'>, message: string, world: World): Promise<Outcome> {
  const completionTime = world.now().toISOString()
  const status = { ...run.status, runStatus: 'Failed' as const, message, completionTime }
  if (await world.objects.putStatus(run, status)) return done
  return retry(message, { attempted: false, after: 1_000 })
}
