import { type Stored, UnreadableObject } from '../../../shared/objects.ts'
import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome, retry } from '../../../shared/outcome.ts'
import type { PipelineSpec } from '../../../shared/resources/pipeline.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { ageOf, find } from '../runs/find.ts'
import { mostBytes } from '../runs/fitted.ts'
import { patience } from '../runs/plan.ts'
import { resolveVariables } from '../script/variables.ts'
import type { World } from '../world.ts'
import { advanceRun } from './advance.ts'
import { tasksOf } from './tasks.ts'
import { pipelineProblem } from './valid.ts'

const mostTurns = 10
/** What a task takes beside its steps, in seconds: to be made, started and looked after in the end. */
const around = 180

/** The Pipeline as it counts for a run, and until when it has to be through; or why there is none, `now` or ever. */
type Ready = { spec: PipelineSpec; deadline: Date } | { problem: string; missing?: true }

/** Starts a PipelineRun: keeps the Pipeline as it is at this time, and has its first task run. */
export async function startPipeline(
  order: Extract<Order, { order: 'start' }>,
  world: World,
): Promise<Outcome> {
  for (let turn = 0; turn < mostTurns; turn++) {
    const run = await find({ ...order, kind: 'PipelineRun' as const }, world)
    if (!run || run.spec.crontab || run.metadata.deletionTimestamp || hasEnded(run.status)) return done
    if (run.status.runStatus) return advanceRun(run.metadata, world)
    const ready = await readyFor(run, world)
    const now = world.now()
    if ('problem' in ready) {
      if (ready.missing && ageOf(run, now) < patience)
        return retry(ready.problem, { attempted: false, after: 2_000 })
      if (await world.objects.putStatus(run, refused(run, ready.problem, now))) return done
      continue
    }
    const { ttlSecondsAfterFinished: ttl } = ready.spec
    const started = await world.objects.putStatus(run, {
      ...run.status,
      runStatus: 'Running',
      startTime: now.toISOString(),
      deadline: ready.deadline.toISOString(),
      ...(ttl !== undefined && { ttlSecondsAfterFinished: ttl }),
      pipelineSpec: ready.spec,
      pipelineRunStatus: [],
    })
    if (started) return advanceRun(run.metadata, world)
  }
  return retry('Others write its status', { after: 1_000 })
}

const refused = ({ status }: Stored<'PipelineRun'>, message: string, now: Date) => ({
  ...status,
  runStatus: 'DataInValid' as const,
  message,
  completionTime: now.toISOString(),
})

async function readyFor(run: Stored<'PipelineRun'>, world: World): Promise<Ready> {
  const { namespace } = run.metadata
  const { pipelineRef, variables: given = {} } = run.spec
  try {
    const pipeline = await world.objects.get('Pipeline', namespace, pipelineRef)
    if (!pipeline)
      return { problem: `There is no Pipeline "${pipelineRef}" in namespace "${namespace}"`, missing: true }
    const { spec } = pipeline
    const tasks = new Map<string, Stored<'Task'>>()
    for (const { taskRef } of tasksOf(spec)) {
      const task = tasks.get(taskRef) ?? (await world.objects.get('Task', namespace, taskRef))
      if (task) tasks.set(taskRef, task)
    }
    const problem = pipelineProblem(spec, tasks)
    if (problem) {
      const isMissing = tasksOf(spec).some(({ taskRef }) => !tasks.has(taskRef))
      return { problem, ...(isMissing && { missing: true as const }) }
    }
    const resolved = resolveVariables(spec.variables, given)
    if ('problem' in resolved) return resolved
    const kept = { ...spec, variables: settled(spec.variables, given, resolved.values) }
    const bytes = Buffer.byteLength(JSON.stringify(kept))
    if (bytes > mostBytes)
      return { problem: `The pipeline has ${bytes} bytes with its variables, it may have ${mostBytes}` }
    const seconds = tasksOf(spec).reduce(
      (sum, { taskRef }) => sum + around + longestOf(tasks.get(taskRef), world.settings.stepTimeout),
      0,
    )
    return { spec: kept, deadline: new Date(world.now().getTime() + 1000 * seconds) }
  } catch (error) {
    if (error instanceof UnreadableObject) return { problem: error.message }
    throw error
  }
}

const longestOf = (task: Stored<'Task'> | undefined, stepTimeout: number): number =>
  (task?.spec.steps ?? []).reduce((sum, step) => sum + (step.timeoutSeconds || stepTimeout), 0)

/** The values of a run as variables that it keeps: what came with the run as `value`, what the author wrote as `default`. */
function settled(
  declared: PipelineSpec['variables'],
  given: Record<string, string>,
  values: Record<string, string>,
): NonNullable<PipelineSpec['variables']> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const isGiven = given[name] === value && !declared?.[name]?.value
      return [name, { required: false, ...(isGiven ? { value } : { default: value }) }]
    }),
  )
}
