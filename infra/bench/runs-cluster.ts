import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { accessOf } from '../../shared/adapters/kubeconfig.ts'
import { type Ask, openKubernetes } from '../../shared/adapters/kubernetes.ts'
import { objectsInCluster } from '../../shared/adapters/objects/kubernetes.ts'
import { isObject } from '../../shared/json.ts'
import type { Objects } from '../../shared/objects.ts'
import { type Cluster, startKubernetes } from '../local/kubernetes/cluster.ts'
import { meter } from './cpu.ts'
import { type Effort, interleaved, type Sample } from './rounds.ts'
import { callsOf, type Made, madeBy } from './runs-requests.ts'
import { atOnce, makeRuns, namespace, runsStand, startAll, task } from './runs-stand.ts'
import { fileOf, type Stand } from './stand.ts'

type At = {
  stand: Stand
  cluster: Cluster
  json(ask: Ask): Promise<unknown>
  objects: Objects
  many: number
  made?: Made
}

/**
 * Runs as Jobs of a real API server, from their orders, or from the minute at which all are due, until their Jobs are
 * there; and by nothing but requests bare Jobs, and all that the start of a run asks of that API server.
 */
export async function runsInCluster(
  many: number,
  effort: Effort,
): Promise<Record<'jobs' | 'started' | 'requests' | 'due', Sample[]>> {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-bench-'))
  const cluster = await startKubernetes({ dir })
  const env = { KUBECONFIG: cluster.kubeconfig }
  const stand = await runsStand(env)
  try {
    const { json } = openKubernetes(accessOf(env), { rate: 100_000, burst: 100_000 })
    const at: At = { stand, cluster, json, objects: objectsInCluster(json), many }
    await furnish(at)
    const variants = { jobs: () => jobs(at), started: () => started(at), requests: () => requests(at) }
    const samples = await interleaved(variants, effort)
    await stand.door('watcher', env)
    return { ...samples, due: [await due(at)] }
  } finally {
    await stand.close()
    await cluster.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

async function furnish({ cluster: { kubectl }, objects }: At): Promise<void> {
  await kubectl(['apply', '--server-side', '-f', fileOf('infra/crds')])
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])
  await kubectl(['create', 'namespace', namespace]).catch(() => {})
  await objects.create(task)
}

/** Everything that is measured takes part, the API server too. */
const metered = ({ stand, cluster }: At) => meter({ ...stand.pids(), ...cluster.pids })

async function jobs(at: At): Promise<Sample> {
  const stop = metered(at)
  await each(at.many, index => at.json({ method: 'POST', path: jobsPath, body: bareJob(index) }))
  const used = stop()
  await clear(at)
  return { events: at.many, ...used }
}

/** The requests of as many starts, by a client that does nothing else. */
async function requests(at: At): Promise<Sample> {
  const { made } = at
  if (!made) throw new Error('No run was started that tells what is made for one')
  const runs = await makeRuns(at.objects, at.many)
  const stop = metered(at)
  await each(runs.length, async index => {
    const run = runs[index]
    if (run) for (const call of callsOf(run, made)) await at.json(call)
  })
  const used = stop()
  await clear(at)
  return { events: at.many, ...used }
}

async function each(many: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < many) await act(next++)
    }),
  )
}

async function started(at: At): Promise<Sample> {
  const runs = await makeRuns(at.objects, at.many)
  const stop = metered(at)
  await startAll(at.stand, runs)
  const used = stop()
  const there = await countJobs(at)
  if (there !== at.many) throw new Error(`Of ${at.many} runs ${there} have a Job`)
  at.made ??= await madeBy(at.json)
  await clear(at)
  return { events: at.many, ...used }
}

async function due(at: At): Promise<Sample> {
  const minute = 60_000
  const room = at.many * 10 + 5_000
  const when = Math.ceil((Date.now() + room) / minute) * minute
  await makeRuns(at.objects, at.many, `${new Date(when).getUTCMinutes()} * * * *`)
  await pause(when - Date.now())
  const stop = metered(at)
  while ((await countJobs(at)) < at.many) await pause(50)
  return { events: at.many, ...stop() }
}

async function countJobs({ json }: At): Promise<number> {
  const page = await json({ path: jobsPath, query: { limit: 1 } })
  if (!isObject(page) || !Array.isArray(page.items) || !isObject(page.metadata)) return 0
  return page.items.length + Number(page.metadata.remainingItemCount ?? 0)
}

async function clear({ json }: At): Promise<void> {
  const runsPath = `/apis/crd.chenshaowen.com/v1/namespaces/${namespace}/taskruns`
  for (const path of [runsPath, jobsPath, `/api/v1/namespaces/${namespace}/secrets`])
    await json({
      method: 'DELETE',
      path,
      body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' },
    })
}

const jobsPath = `/apis/batch/v1/namespaces/${namespace}/jobs`

const bareJob = (index: number) => ({
  ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: `bare-${index}` } },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [{ name: 'nothing', image: 'ubuntu:22.04', command: ['true'] }],
      },
    },
  },
})
