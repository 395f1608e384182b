import { KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import type { Stored } from '../../../shared/objects.ts'
import type { Executor, PlaceReport, Report } from '../executor.ts'
import { gateOf } from '../gate.ts'
import { hidden } from './hidden.ts'
import { type Job, type Pod, readJobs, readPods } from './jobs.ts'
import { readLog } from './logs.ts'
import { secretName } from './names.ts'
import { placeReport, printedBy } from './report.ts'
import { readRunSecret, type Told } from './run-secret.ts'
import { failureToMakePod, underWay } from './under-way.ts'
import type { ClusterWorld } from './world.ts'

/** Of so many places the logs are read at once. */
const atOnce = 8

type World = Pick<ClusterWorld, 'json' | 'stream' | 'now'>

/** How a run stands, as its Jobs and their pods tell. */
export function lookIn(world: World): Executor['look'] {
  const { json } = world
  const gate = gateOf(atOnce)
  const isOver = (run: Run) => Date.parse(run.status.deadline ?? '') <= world.now().getTime()

  return async run => {
    try {
      return await look(run)
    } catch (error) {
      // Behind its deadline nobody comes back to it.
      if (!(error instanceof KubernetesError) || error.status !== 403 || !isOver(run)) throw error
      return lost(`What became of it may not be seen: ${error.message}`)
    }
  }

  async function look(run: Run): Promise<Report> {
    const jobs = await readJobs(json, run)
    const [first] = jobs
    if (!first) return gone(await readSecret(world, run))
    const over = isOver(run)
    const underWay = jobs.filter(({ end }) => !end)
    // The end of each of its Jobs leads here.
    if (underWay.length > 0 && !over) return { state: 'running' }
    const known = await readSecret(world, run)
    const missing = (known?.places ?? first.places) - jobs.length
    // The Secret comes last.
    const starting = missing > 0 && !known
    if (starting && !over) return { state: 'running' }
    const pods = await readPods(json, run)
    const podOf = (job: Job) => pods.get(job.metadata.uid)
    const places = await Promise.all(
      jobs.map(job => gate(() => reportOf(world, run, { job, pod: podOf(job), secrets: known?.secrets }))),
    )
    if (underWay.length === 0 && !starting) return endedOr(missing, places)
    const at = await Promise.all(underWay.map(job => wayOf(world, run, { job, pod: podOf(job) })))
    return { state: 'running', at, places }
  }
}

function gone(told: Told | undefined): Report {
  const why = told?.stopped
  const reason = why === undefined ? 'There is no Job of it any more' : `It was stopped: ${why}`
  return lost(reason)
}

const lost = (reason: string): Report => ({ state: 'lost', reason, places: [] })

function endedOr(missing: number, places: PlaceReport[]): Report {
  if (missing <= 0) return { state: 'ended', places }
  const reason = `Of its ${missing + places.length} Jobs ${missing} ${missing === 1 ? 'is' : 'are'} gone`
  return { state: 'lost', reason, places }
}

type Run = Stored<'TaskRun'>

async function readSecret({ json }: World, run: Run): Promise<Told | undefined> {
  try {
    const path = `/api/v1/namespaces/${run.metadata.namespace}/secrets/${secretName(run)}`
    return readRunSecret(await json({ path }))
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.status !== 404) throw error
    return undefined
  }
}

async function wayOf({ json }: World, run: Run, { job, pod }: { job: Job; pod: Pod | undefined }) {
  if (pod) return underWay(job, pod)
  const message = await failureToMakePod(json, { namespace: run.metadata.namespace, job })
  return { place: job.place, ...(message !== undefined && { message }) }
}

async function reportOf(
  { stream, now }: World,
  run: Run,
  { job, pod, secrets }: { job: Job; pod: Pod | undefined; secrets: string[] | undefined },
): Promise<PlaceReport> {
  const outputs = new Map(
    await Promise.all(
      printedBy(pod).map(async container => {
        const of = { namespace: run.metadata.namespace, name: pod?.metadata.name ?? '' }
        return [container, await readLog(stream, { pod: of, container, secrets })] as const
      }),
    ),
  )
  return hidden(placeReport({ job, pod, outputs, now: now() }), secrets ?? [])
}
