import type { Stored } from '../../../shared/objects.ts'
import type { TaskSpec } from '../../../shared/resources/task.ts'
import type { Executor, Place } from '../executor.ts'
import { forbidden } from '../kubernetes/privileged.ts'
import type { ExecutorName, World } from '../world.ts'

/** What runs a Task, and where. `never`: it cannot be, as the Task is written. */
export type Where =
  | { name: ExecutorName; executor: Executor; places: Place[] }
  | { problem: string; never?: true }

type Asked = Parameters<Executor['places']>[0]

const nodeWords = new Set(['anynode', 'anymaster', 'anyworker', 'all', 'allmasters', 'allworkers'])

/** Finds out where a Task runs. Without a cluster its words for nodes mean this machine, as long as no Host is known. */
export async function whereOf(
  asked: Asked,
  world: Pick<World, 'executor' | 'objects' | 'settings'>,
): Promise<Where> {
  if (!world.settings.inCluster) {
    if (asked.task.mounts?.length)
      return { problem: 'Its Task has "mounts", which only pods of a cluster have', never: true }
    return placesOf((await isHere(asked, world)) ? 'local' : 'ssh', asked, world)
  }
  const { namespace } = asked.run.metadata
  const problem = forbidden(asked.task, namespace, world.settings.privilegedNamespaces)
  if (problem !== undefined) return { problem, never: true }
  if (mayBeHosts(asked)) {
    const hosts = await placesOf('ssh', asked, world)
    if ('places' in hosts && hosts.places.length > 0) return hosts
  }
  return placesOf('kubernetes', asked, world)
}

async function isHere(
  { run, host }: Asked,
  { objects, settings }: Pick<World, 'objects' | 'settings'>,
): Promise<boolean> {
  if (!host || host === 'localhost' || host === settings.hostname) return true
  if (!nodeWords.has(host)) return false
  return (await objects.list('Host', { namespace: run.metadata.namespace })).length === 0
}

/** Hosts take scripts only, and the words for nodes mean nodes where there are any. */
const mayBeHosts = ({ task, host }: Asked): boolean =>
  host !== undefined && host !== '' && !nodeWords.has(host) && isScriptOnly(task)

const isScriptOnly = ({ runtimeImage, mounts = [], privileged, steps }: TaskSpec): boolean =>
  !runtimeImage && mounts.length === 0 && !privileged && steps.every(step => !step.runtimeImage)

async function placesOf(name: ExecutorName, asked: Asked, world: Pick<World, 'executor'>): Promise<Where> {
  const executor = await world.executor(name)
  if (!executor) return { problem: `There is nothing here that runs Tasks by ${name}` }
  const places = await executor.places(asked)
  return 'problem' in places ? places : { name, executor, places }
}

/** A run's Task, with what the run itself says of its image. */
export const taskFor = (run: Stored<'TaskRun'>, task: Stored<'Task'>): Stored<'Task'> => ({
  ...task,
  spec: { ...task.spec, ...(run.spec.runtimeImage && { runtimeImage: run.spec.runtimeImage }) },
})
