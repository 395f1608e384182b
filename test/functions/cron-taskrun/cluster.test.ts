import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { kubernetesExecutor } from '../../../functions/cron-taskrun/kubernetes/executor.ts'
import { carryOutAll } from '../../../functions/cron-taskrun/order.ts'
import type { World } from '../../../functions/cron-taskrun/world.ts'
import { makeNodes } from '../../../infra/local/kubernetes/kubectl.ts'
import { accessOf } from '../../../shared/adapters/kubeconfig.ts'
import { type Ask, openKubernetes } from '../../../shared/adapters/kubernetes.ts'
import { objectsInCluster } from '../../../shared/adapters/objects/kubernetes.ts'
import type { Stored } from '../../../shared/objects.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { describeOnKubernetes } from '../../kubernetes.ts'
import { startDoor } from '../door.ts'
import { drafts, namespace, ownRig } from './rig.ts'

const crds = fileURLToPath(new URL('../../../infra/crds', import.meta.url))
const patience = { timeout: 60_000, interval: 100 }

describeOnKubernetes('cron-taskrun on a cluster', { controllers: true }, async cluster => {
  const { kubectl } = cluster
  const rig = await ownRig()
  const access = accessOf({ KUBECONFIG: cluster.kubeconfig })
  const kubernetes = openKubernetes(access, { rate: 1e4, burst: 1e4 })
  const objects = objectsInCluster(kubernetes.json)

  /** A process of its own, which asks the API server by `json`. */
  function worldOf(json: typeof kubernetes.json): World {
    const now = () => new Date()
    const executor = kubernetesExecutor({
      ...{ json, stream: kubernetes.stream, now },
      ...{ image: 'ubuntu:22.04', privilegedNamespaces: [] },
    })
    return {
      ...rig.world,
      objects: objectsInCluster(json),
      executor: async name => (name === 'kubernetes' ? executor : undefined),
      settings: { ...rig.world.settings, inCluster: true },
    }
  }
  const alive = worldOf(kubernetes.json)
  const give = async (world: World, order: Parameters<typeof rig.eventOf>[0]) =>
    (await carryOutAll(world)([rig.eventOf(order)]))[0]
  const about = (run: Stored<'TaskRun'>) => ({ ...rig.about(run), kind: 'TaskRun' as const })
  /** The names of the Jobs that are there of a run. */
  const jobsOf = ({ metadata: { uid } }: Stored<'TaskRun'>) =>
    kubectl(['get', 'jobs', '-n', namespace, '-l', `ops/taskrun-uid=${uid}`, '-o', 'name'])
  const statusOf = async (name: string) => (await objects.get('TaskRun', namespace, name))?.status ?? {}

  /** As the watcher does when a Job of it has ended. */
  const ends = (run: Stored<'TaskRun'>) =>
    expect
      .poll(async () => {
        await give(alive, { order: 'ended', ...about(run), job: 'any' })
        return hasEnded(await statusOf(run.metadata.name))
      }, patience)
      .toBe(true)

  /** One process from the start of a run to its end. */
  async function life(world: World, run: Stored<'TaskRun'>): Promise<void> {
    await give(world, { order: 'start', ...about(run) })
    while (!hasEnded(await statusOf(run.metadata.name))) {
      await give(world, { order: 'ended', ...about(run), job: 'any' })
      await pause(100)
    }
  }

  async function made(name: string, taskRef = 'check', more: object = {}): Promise<Stored<'TaskRun'>> {
    const run = await objects.create(drafts.taskRun(name, taskRef, more))
    if (!run) throw new Error(`There is a TaskRun "${name}" already`)
    return run
  }

  beforeAll(async () => {
    await kubectl(
      ['apply', '-f', '-'],
      stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
    )
    await kubectl(['apply', '--server-side', '-f', crds])
    await kubectl(['wait', '--for=condition=Established', '--timeout=15s', 'crd', '--all'])
    await makeNodes(cluster, 2)
    await objects.create(drafts.task('check', [{ name: 'look', content: 'echo x' }], { host: 'all' }))
    await objects.create(drafts.task('anyone', [{ content: 'echo x' }], { host: 'anynode' }))
    await objects.create(drafts.task('root', [{ content: 'echo x' }], { privileged: true }))
    await objects.create(drafts.task('nowhere', [{ content: 'echo x' }], { host: 'disk=hdd' }))
  })

  it('starts a run, lets go of it, and ends it when its Jobs have ended', async () => {
    const run = await made('plain')
    expect(await give(alive, { order: 'start', ...about(run) })).toEqual({ kind: 'done' })
    expect(await statusOf('plain')).toMatchObject({
      runStatus: 'Running',
      executor: 'kubernetes',
      taskrunNodeStatus: { 'node-1': { runStatus: 'Running' }, 'node-2': { runStatus: 'Running' } },
    })
    await ends(run)
    expect(await statusOf('plain')).toMatchObject({
      runStatus: 'Successed',
      taskrunNodeStatus: {
        'node-1': { runStatus: 'Successed', taskRunStep: [{ stepName: 'look', stepContent: 'echo x' }] },
        'node-2': { runStatus: 'Successed' },
      },
    })
    expect(await rig.world.tokens.find(run.metadata.uid)).toBeUndefined()
  })

  it.each([
    ['root', 'DataInValid', /PRIVILEGED_NAMESPACES/],
    ['nowhere', 'Failed', /disk=hdd/],
  ])('does not start one of the Task "%s", and says why', async (task, runStatus, message) => {
    const run = await made(`${task}-1`, task)
    expect(await give(alive, { order: 'start', ...about(run) })).toEqual({ kind: 'done' })
    expect(await statusOf(`${task}-1`)).toMatchObject({ runStatus, message: expect.stringMatching(message) })
  })

  it('survives the death of its process at each word with the API server, and makes each Job once', async () => {
    const jobs = new Map<string, number>()
    const changes = (ask: Ask) => ask.method !== undefined && ask.method !== 'GET'

    /** Whether it died. */
    async function survives(nth: number, when: 'before' | 'after'): Promise<boolean> {
      const name = `killed-${when}-${nth}`
      const run = await made(name)
      let count = 0
      let dead = false
      let died = () => {}
      const death = new Promise<true>(resolve => {
        died = () => resolve(true)
      })
      const forever = new Promise<never>(() => {})
      const letGo: (() => void)[] = []
      const counted = async (ask: Ask) => {
        const answer = await kubernetes.json(ask)
        if (ask.method === 'POST' && ask.path.endsWith('/jobs')) jobs.set(name, (jobs.get(name) ?? 0) + 1)
        return answer
      }
      const json = async (ask: Ask) => {
        if (dead) return forever
        const at = changes(ask) ? count++ : -1
        const fatal = at === nth
        if (fatal && when === 'before') dead = true
        const answer = dead ? undefined : await counted(ask)
        if (fatal) {
          dead = true
          for (const one of letGo) one()
          died()
        }
        return dead ? forever : answer
      }
      const world = worldOf(json)
      const holders: World['holders'] = {
        ...world.holders,
        async hold(uid, stop) {
          const held = await world.holders.hold(uid, stop)
          letGo.push(held.letGo)
          return held
        },
      }
      const first = life({ ...world, holders }, run)
      const isDead = await Promise.race([death, first.then(() => false)])
      const next = worldOf(counted)
      await expect
        .poll(() => give(next, { order: 'start', ...about(run) }), patience)
        .toEqual({ kind: 'done' })
      await ends(run)
      expect(await statusOf(name), name).toMatchObject({ runStatus: 'Successed' })
      expect(jobs.get(name), name).toBe(2)
      return isDead
    }
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap(nth =>
      (['before', 'after'] as const).map(when => survives(nth, when)),
    )
    expect((await Promise.all(all)).filter(isDead => isDead).length).toBeGreaterThanOrEqual(16)
  }, 120_000)

  it('runs where it ran before when it is taken up again, whatever the nodes are by then', async () => {
    const run = await made('moved', 'anyone')
    const before = { 'node-2': { nodeName: 'node-2', runStatus: 'Running' as const } }
    await objects.putStatus(run, { runStatus: 'Running', executor: 'kubernetes', taskrunNodeStatus: before })
    await kubectl(['cordon', 'node-2'])
    expect(await give(alive, { order: 'start', ...about(run) })).toEqual({ kind: 'done' })
    const on = ['-o', 'jsonpath={.items[*].spec.template.spec}', '-l', `ops/taskrun-uid=${run.metadata.uid}`]
    expect(await kubectl(['get', 'jobs', '-n', namespace, ...on])).toContain('node-2')
    await kubectl(['uncordon', 'node-2'])
  })

  it('opens the cluster that its environment names', async () => {
    const env = {
      ...{ EVENT_CLUSTER: 'mycluster', EVENT_ENDPOINT: rig.server.url, INGEST_URL: 'http://127.0.0.1:9' },
      ...{ KUBECONFIG: cluster.kubeconfig, KUBERNETES_SERVICE_HOST: '' },
    }
    const door = await startDoor('cron-taskrun', { env })
    const run = await made('door')
    const order = rig.eventOf({ order: 'start', ...about(run) })
    expect((await door.single(order)).status).toBe(200)
    expect(await statusOf('door')).toMatchObject({ runStatus: 'Running', executor: 'kubernetes' })
    await ends(run)
    expect((await door.single(order)).status).toBe(200)
    await door.kill()
  })

  it('ends what is past its deadline, with the place named, and takes its Jobs away', async () => {
    const run = await made('late')
    await give(alive, { order: 'start', ...about(run) })
    const now = () => new Date(Date.now() + 3600_000)
    expect(await give({ ...alive, now }, { order: 'overdue', ...about(run) })).toEqual({ kind: 'done' })
    expect(hasEnded(await statusOf('late'))).toBe(true)
    expect((await jobsOf(run)).trim()).toBe('')
  })

  it('stops what is left of a run that was deleted', async () => {
    const run = await made('deleted')
    await give(alive, { order: 'start', ...about(run) })
    await objects.remove(run)
    expect(await give(alive, { order: 'gone', ...about(run) })).toEqual({ kind: 'done' })
    await expect.poll(() => jobsOf(run), patience).toBe('')
  })
})
