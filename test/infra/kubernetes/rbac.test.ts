import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Work } from '../../../functions/cron-taskrun/executor.ts'
import { kubernetesExecutor } from '../../../functions/cron-taskrun/kubernetes/executor.ts'
import { kubeconfigText } from '../../../infra/local/kubernetes/credentials.ts'
import { makeNodes } from '../../../infra/local/kubernetes/kubectl.ts'
import { accessIn } from '../../../shared/adapters/kubeconfig.ts'
import { type Kubernetes, openKubernetes } from '../../../shared/adapters/kubernetes.ts'
import { objectsInCluster } from '../../../shared/adapters/objects/kubernetes.ts'
import { messageOf } from '../../../shared/log.ts'
import type { Draft, Stored } from '../../../shared/objects.ts'
import { ownRig } from '../../functions/cron-taskrun/rig.ts'
import { describeOnKubernetes } from '../../kubernetes.ts'

const pathOf = (name: string) => fileURLToPath(new URL(`../../../infra/${name}`, import.meta.url))
const folders = ['watcher/rbac', 'functions-rbac', 'runs']
const accounts = ['cron-taskrun', 'ops-api', 'ops-watcher'] as const
type Account = (typeof accounts)[number]

const look = {
  ...{ name: 'look', content: 'true', text: 'true', language: 'shell' as const },
  ...{ interpreter: ['sh'], uses: [], env: {}, plain: [], timeoutSeconds: 30 },
}
const workFor = (run: Stored<'TaskRun'>, task: Stored<'Task'>, name = ''): Work => ({
  ...{ run, task, at: [{ place: { name }, env: {}, steps: [look] }] },
  ...{ endpoint: 'http://ops:token@ingest.example', secrets: [], deadline: new Date(Date.now() + 60_000) },
})

describeOnKubernetes('the accounts of infra/kubernetes', { controllers: true }, async cluster => {
  const { kubectl } = cluster
  const hands = new Map<Account, Kubernetes>()
  /** The cluster as far as an account may. */
  function as(account: Account): Kubernetes {
    const kubernetes = hands.get(account)
    if (!kubernetes) throw new Error(`There is no account ${account}`)
    return kubernetes
  }
  const draft = (name: string, namespace = 'ops-runs'): Draft<'TaskRun'> => ({
    kind: 'TaskRun',
    metadata: { namespace, name },
    spec: { taskRef: 'look' },
  })
  const admin = () =>
    objectsInCluster(openKubernetes(accessIn(readFileSync(cluster.kubeconfig, 'utf8'))).json)

  beforeAll(async () => {
    for (const namespace of ['ops-system', 'shop']) await kubectl(['create', 'namespace', namespace])
    await kubectl(['apply', '--server-side', '-f', pathOf('crds')])
    await kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])
    for (const folder of folders) await kubectl(['apply', '-k', pathOf(`kubernetes/${folder}`)])
    await makeNodes(cluster, 1)
    for (const account of accounts) {
      const token = (await kubectl(['create', 'token', account, '-n', 'ops-system'])).trim()
      const access = accessIn(kubeconfigText({ url: cluster.url, ca: cluster.ca, token }))
      hands.set(account, openKubernetes(access, { rate: 1_000, burst: 1_000 }))
    }
    for (const namespace of ['ops-runs', 'shop'])
      await admin().create({
        kind: 'Task',
        metadata: { namespace, name: 'look' },
        spec: { steps: [{ name: 'look', content: 'true' }] },
      })
    await admin().create({
      kind: 'Host',
      metadata: { namespace: 'ops-runs', name: 'db' },
      spec: { address: '10.0.0.1' },
    })
  })

  const executor = () =>
    kubernetesExecutor({
      ...{ json: as('cron-taskrun').json, stream: as('cron-taskrun').stream, now: () => new Date() },
      ...{ image: 'ubuntu:22.04', privilegedNamespaces: [] },
    })

  it('let cron-taskrun take a run from its beginning to its end', async () => {
    const objects = objectsInCluster(as('cron-taskrun').json)
    const task = await objects.get('Task', 'ops-runs', 'look')
    const run = await objects.create(draft('one'))
    if (!task || !run) throw new Error('It could not be made')
    expect(await objects.putStatus(run, { runStatus: 'Running' })).toMatchObject({
      status: { runStatus: 'Running' },
    })
    const [host] = await objects.list('Host', { namespace: 'ops-runs' })
    expect(host && (await objects.putStatus(host, { heartStatus: 'Failed' }))).toBeDefined()

    const { places, start, look: see, stop } = executor()
    expect(await places({ run, task: task.spec, host: 'all' })).toEqual([{ name: 'node-1' }])
    const work = workFor(run, task, 'node-1')
    expect(await start(work)).toMatchObject({ state: 'running' })
    expect(await start(work)).toMatchObject({ state: 'running' })
    expect(await see(run)).toMatchObject({ state: expect.stringMatching(/running|ended/) })
    await stop(run, 'it is over')
    const left = (kinds: string) => kubectl(['get', kinds, '-n', 'ops-runs', '-o', 'name'])
    await expect.poll(() => left('jobs'), { timeout: 60_000 }).toBe('')
    await objects.remove(run)
    // What the run owns goes with it.
    await expect.poll(() => left('taskruns,secrets'), { timeout: 60_000 }).toBe('')
  })

  describe('where nobody bound its role', async () => {
    const rig = await ownRig()
    /** A run that is there already, carried on by an order. */
    async function carriedOn(name: string, order: 'start' | 'overdue', status: object = {}) {
      const objects = objectsInCluster(as('cron-taskrun').json)
      const made = await objects.create(draft(name, 'shop'))
      if (!made) throw new Error('It could not be made')
      await objects.putStatus(made, status)
      const { metadata } = made
      const about = { kind: 'TaskRun' as const, namespace: 'shop', name, uid: metadata.uid }
      const outcome = await rig.give(
        { order, ...about },
        {
          objects,
          executor: async () => executor(),
          settings: { ...rig.world.settings, inCluster: true },
        },
      )
      const run = await objects.get('TaskRun', 'shop', name)
      return { outcome, runStatus: run?.status.runStatus, message: run?.status.message }
    }

    it('let a run end there, and say what is missing', async () => {
      const { message, ...rest } = await carriedOn('elsewhere', 'start')
      expect(rest).toEqual({ outcome: { kind: 'done' }, runStatus: 'Aborted' })
      expect(message).toMatch(
        /^It could not be started: jobs\.batch is forbidden: User "[\w:-]+:cron-taskrun" cannot create resource "jobs".* in the namespace "shop": bind cron-taskrun-namespace in namespace "shop"/,
      )
    })

    it('let one end at its deadline that began when it still was', async () => {
      const { message, ...rest } = await carriedOn('before', 'overdue', {
        ...{ runStatus: 'Running', executor: 'kubernetes', deadline: '2026-01-02T03:04:05Z' },
      })
      expect(rest).toEqual({ outcome: { kind: 'done' }, runStatus: 'Aborted' })
      expect(message).toMatch(/^What became of it may not be seen: .* cannot list resource "jobs"/)
    })
  })

  it('let ops-api ask for a run and show it', async () => {
    const objects = objectsInCluster(as('ops-api').json)
    expect(await objects.get('Task', 'ops-runs', 'look')).toBeDefined()
    expect(await objects.list('Task', { namespace: 'ops-runs' })).toHaveLength(1)
    const run = await objects.create(draft('asked'))
    if (!run) throw new Error('It could not be made')
    expect(await objects.get('TaskRun', 'ops-runs', 'asked')).toBeDefined()
    expect(await objects.list('PipelineRun', { namespace: 'ops-runs' })).toEqual([])
    await expect(objects.remove(run)).rejects.toThrow('cannot delete')
    await expect(objects.putStatus(run, { runStatus: 'Successed' })).rejects.toThrow('cannot update')
  })

  it('let the watcher follow runs and Jobs', async () => {
    const { json, watch } = as('ops-watcher')
    const crd = '/apis/crd.chenshaowen.com/v1'
    for (const path of [
      `${crd}/taskruns`,
      `${crd}/pipelineruns`,
      `${crd}/hosts`,
      `${crd}/clusters`,
      '/apis/batch/v1/jobs',
    ]) {
      // A kind that was made a moment ago is not served everywhere yet.
      await expect.poll(() => json({ path }).catch(messageOf)).toMatchObject({ items: expect.anything() })
      const ending = new AbortController()
      await watch({ path, query: { watch: 'true' } }, ending.signal)
      ending.abort()
    }
  })

  it.each<[Account, string, string, string]>([
    ['cron-taskrun', 'get', 'secrets', 'ops-system'],
    ['cron-taskrun', 'list', 'secrets', 'ops-runs'],
    ['cron-taskrun', 'watch', 'secrets', 'ops-runs'],
    ['cron-taskrun', 'delete', 'secrets', 'ops-runs'],
    ['cron-taskrun', 'get', 'secrets', 'shop'],
    ['cron-taskrun', 'create', 'jobs', 'shop'],
    ['cron-taskrun', 'create', 'pods', 'ops-runs'],
    ['cron-taskrun', 'create', 'pods/exec', 'ops-runs'],
    ['cron-taskrun', 'update', 'taskruns', 'ops-runs'],
    ['cron-taskrun', 'create', 'tasks', 'ops-runs'],
    ['cron-taskrun', 'update', 'hosts', 'ops-runs'],
    ['cron-taskrun', 'patch', 'nodes', 'ops-runs'],
    ['ops-api', 'update', 'taskruns', 'ops-system'],
    ['ops-api', 'create', 'tasks', 'ops-system'],
    ['ops-api', 'get', 'secrets', 'ops-system'],
    ['ops-api', 'list', 'jobs', 'ops-system'],
    ['ops-watcher', 'create', 'taskruns', 'ops-system'],
    ['ops-watcher', 'delete', 'jobs', 'ops-system'],
    ['ops-watcher', 'list', 'pods', 'ops-system'],
  ])('let %s not %s %s in %s', async (account, verb, resource, namespace) => {
    const who = `--as=system:serviceaccount:ops-system:${account}`
    await expect(kubectl(['auth', 'can-i', verb, resource, '-n', namespace, who])).rejects.toThrow()
  })
})
