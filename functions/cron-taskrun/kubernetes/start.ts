import { z } from 'zod'
import { KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import { labels } from '../../../shared/runs.ts'
import type { Executor, Report, Work } from '../executor.ts'
import { cut } from '../runs/fitted.ts'
import { filesData } from './files.ts'
import { hiddenIn } from './hidden.ts'
import { jobOf } from './job.ts'
import { annotations, secretName } from './names.ts'
import { runSecret } from './run-secret.ts'
import { stopIn } from './stop.ts'
import type { Allowed, Ask } from './world.ts'

/** What no later try would change: the objects are not as they have to be, or may not be there. */
const final = [400, 403, 404, 409, 413, 422]

/** What an API server refuses it may quote, and that whole objects. */
const mostOfReason = 2_048

/** Of the 1.5 MiB that etcd takes of one object, with room for what the server adds. */
const mostOfJob = 1_400_000

type World = { json: Ask; now(): Date } & Allowed

/** Makes the Jobs of a run and its Secret, or those that are missing. */
export function startIn(world: World): Executor['start'] {
  const { json } = world
  return async work => {
    try {
      await makeJobs(work, world)
      const stopped = await letGo(work, json)
      if (stopped === undefined) return { state: 'running' }
      await stopIn({ json })(work.run, stopped)
      return lost(`It was stopped: ${stopped}`)
    } catch (error) {
      if (!(error instanceof KubernetesError) || !final.includes(error.status)) throw error
      // It may quote the objects that it was sent, with the token in them.
      const why = cut(hiddenIn(error.message, work.secrets), mostOfReason)
      await stopIn({ json })(work.run, why)
      return lost(`It could not be started: ${why}${remedyOf(error, work.run)}`)
    }
  }
}

async function makeJobs(work: Work, world: World): Promise<void> {
  const now = world.now()
  const path = `/apis/batch/v1/namespaces/${work.run.metadata.namespace}/jobs`
  await Promise.all(
    work.at.map(at => made(world.json, { path, object: fitting(jobOf(at, { work, allowed: world, now })) })),
  )
}

/** The same. @throws KubernetesError where it is too large: etcd says so in a way that passes for a moment's failure */
function fitting<T>(job: T): T {
  const bytes = Buffer.byteLength(JSON.stringify(job))
  if (bytes <= mostOfJob) return job
  const why = `its Job would have ${bytes} bytes, and may have ${mostOfJob}: each of its steps gets all its variables`
  throw new KubernetesError(413, 'RequestEntityTooLarge', why)
}

/**
 * Makes the Secret, without which no pod of the run can begin: it comes last, and says that all Jobs are there. Of a run
 * that was stopped it stays, with nothing in it, so that none of its pods ever begins again. Resolves to why it was.
 */
async function letGo(work: Work, json: Ask): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${work.run.metadata.namespace}/secrets`
  const found = await made(json, { path, object: runSecret(work) })
  if (!found) return undefined
  const stopped = found.metadata.annotations[annotations.stopped]
  if (stopped !== undefined) return stopped
  // Somebody came this far before. His token is in use already; his scripts may be those of another version of the Task.
  const patch = { stringData: filesData(work) }
  await json({ method: 'PATCH', path: `${path}/${secretName(work.run)}`, body: patch, contentType })
  return undefined
}

const contentType = 'application/merge-patch+json'

// A quota or an admission policy answers 403 too, and in other words.
function remedyOf({ status, message }: KubernetesError, { metadata: { namespace } }: Work['run']): string {
  if (status !== 403 || !/ cannot \w+ resource /.test(message)) return ''
  return `: bind cron-taskrun-namespace in namespace "${namespace}", as infra/kubernetes/runs/rbac.yaml does`
}

type Made = { kind: string; metadata: { name: string; labels: Record<string, string> } }

const texts = z.record(z.string(), z.string()).default({})
const Found = z.object({ metadata: z.object({ labels: texts, annotations: texts }) })

/** Makes it, or resolves to what is there already. @throws KubernetesError where another run's has its name */
async function made(
  json: Ask,
  { path, object }: { path: string; object: Made },
): Promise<z.infer<typeof Found> | undefined> {
  try {
    await json({ method: 'POST', path, body: object })
    return undefined
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.reason !== 'AlreadyExists') throw error
  }
  const { kind, metadata } = object
  const found = Found.parse(await json({ path: `${path}/${metadata.name}` }))
  if (found.metadata.labels[labels.taskRunUid] === metadata.labels[labels.taskRunUid]) return found
  throw new KubernetesError(
    409,
    'AlreadyExists',
    `There is a ${kind} "${metadata.name}" that is not of this run`,
  )
}

const lost = (reason: string): Report => ({ state: 'lost', reason, places: [] })
