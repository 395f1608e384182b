import { type Objects, type Stored, UnreadableObject } from '../../../shared/objects.ts'
import type { Executor, Place, Work } from '../executor.ts'
import { prepareSteps } from '../script/prepare.ts'
import { resolveVariables } from '../script/variables.ts'
import type { ExecutorName, World } from '../world.ts'
import { claimedPlaces } from './claim.ts'
import { fill } from './fill.ts'
import { ageOf } from './find.ts'
import { taskFor, whereOf } from './where.ts'

/** What is to be run, where, and until when. */
export type Plan = {
  name: ExecutorName
  executor: Executor
  work: Omit<Work, 'endpoint' | 'secrets' | 'run'>
}
/** Why a run does not start: as it is, or since what it needs is not there just now. */
export type NoPlan = { wait: string } | { runStatus: 'DataInValid' | 'Failed'; message: string }

/** Objects that are applied together may arrive in any order. */
export const patience = 15_000
/** What a run takes beside its steps, in seconds: to find its place, and to be looked after in the end. */
const around = 60

/** Makes out what a run asks for. */
export async function planOf(run: Stored<'TaskRun'>, world: World): Promise<Plan | NoPlan> {
  const found = await taskOf(run, world)
  if (!('spec' in found)) return found
  const task = taskFor(run, found)
  const resolved = resolveVariables(task.spec.variables, run.spec.variables ?? {})
  if ('problem' in resolved) return invalid(resolved.problem)

  const { values } = resolved
  const host = fill(task.spec.host || values.host || '', values).trim() || undefined
  const where = await whereOf({ run, task: task.spec, host }, world)
  if ('problem' in where) return { runStatus: where.never ? 'DataInValid' : 'Failed', message: where.problem }
  if (where.places.length === 0) return { runStatus: 'Failed', message: 'There is no place to run it at' }

  const at = workAt(claimedPlaces(run.status) ?? where.places, {
    run,
    task,
    values,
    settings: world.settings,
  })
  if ('problem' in at) return invalid(at.problem)
  const deadline = new Date(world.now().getTime() + 1000 * longestOf(at, where.executor))
  return { name: where.name, executor: where.executor, work: { task, at, deadline } }
}

const invalid = (message: string): NoPlan => ({ runStatus: 'DataInValid', message })

async function taskOf(
  run: Stored<'TaskRun'>,
  { objects, now }: { objects: Pick<Objects, 'get'>; now(): Date },
): Promise<Stored<'Task'> | NoPlan> {
  const { namespace } = run.metadata
  const { taskRef } = run.spec
  try {
    const task = await objects.get('Task', namespace, taskRef)
    if (task) return task
  } catch (error) {
    if (error instanceof UnreadableObject) return invalid(error.message)
    throw error
  }
  const message = `There is no Task "${taskRef}" in namespace "${namespace}"`
  return ageOf(run, now()) < patience ? { wait: message } : invalid(message)
}

function workAt(
  places: Place[],
  about: {
    run: Stored<'TaskRun'>
    task: Stored<'Task'>
    values: Record<string, string>
    settings: World['settings']
  },
): Work['at'] | { problem: string } {
  const { run, task, values, settings } = about
  const at: Work['at'] = []
  for (const place of places) {
    const env = {
      ...values,
      TASK: task.metadata.name,
      TASKRUN: run.metadata.name,
      NAMESPACE: run.metadata.namespace,
      EVENT_CLUSTER: settings.cluster,
      // Where the scheduler decides, its choice is known only there.
      ...(place.name && { HOSTNAME: place.name }),
    }
    const prepared = prepareSteps(task.spec, env, {
      stepTimeout: settings.stepTimeout,
      image: task.spec.runtimeImage || settings.image,
    })
    if ('problem' in prepared) return prepared
    at.push({ place, env, steps: prepared.steps })
  }
  return at
}

/** Seconds. */
function longestOf(at: Work['at'], { atOnce = at.length }: Pick<Executor, 'atOnce'>): number {
  const longest = Math.max(
    ...at.map(({ steps }) => steps.reduce((sum, step) => sum + step.timeoutSeconds, 0)),
  )
  return around + longest * Math.ceil(at.length / atOnce)
}
