import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { kubeconfigText } from '../../../../infra/local/kubernetes/credentials.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { describeOnKubernetes, patchStatus } from '../../../kubernetes.ts'
import { quiet } from '../../../quiet.ts'
import { ownNats, ownRedis } from '../../../servers.ts'
import { startWatcher, type Watcher } from '../process.ts'

const path = (name: string) => fileURLToPath(new URL(`../../../../${name}`, import.meta.url))
const patient = { timeout: 60_000, interval: 50 }

describeOnKubernetes('the watcher in a cluster, by its service account,', {}, async cluster => {
  const { kubectl } = cluster
  const bus = await ownNats()
  const cache = await ownRedis()
  const nats = openNats(bus.url, 'test', quiet)
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-runs-'))
  const watchers: Watcher[] = []

  const apply = (object: object) => kubectl(['apply', '-f', '-'], JSON.stringify(object))
  const patch = (what: string, status: object) => patchStatus(cluster, what, status)
  const taskRun = (name: string, spec: object = {}) => ({
    ...{ apiVersion: 'crd.chenshaowen.com/v1', kind: 'TaskRun' },
    metadata: { namespace: 'ops', name },
    spec: { taskRef: 'card', ...spec },
  })
  const uidOf = async (what: string) => kubectl(['get', '-n', 'ops', what, '-o', 'jsonpath={.metadata.uid}'])

  /** How many orders of each subject there are. */
  async function orders(): Promise<Record<string, number>> {
    const jsm = await jetstreamManager(await nats.opened)
    return (await jsm.streams.info('runs', { subjects_filter: '>' })).state.subjects ?? {}
  }
  const comes = (order: string) =>
    vi.waitFor(async () => expect(await orders()).toMatchObject({ [`runs.ops.${order}`]: 1 }), patient)

  async function start(): Promise<void> {
    const env = { EVENT_ENDPOINT: bus.url, REDIS_URL: cache.url, KUBECONFIG: join(dir, 'kubeconfig') }
    watchers.push(await startWatcher(env))
  }

  beforeAll(async () => {
    for (const name of ['ops', 'ops-system']) await kubectl(['create', 'namespace', name])
    await kubectl(['apply', '--server-side', '-f', path('infra/crds')])
    await kubectl(['wait', '--for=condition=Established', '--timeout=120s', 'crd', '--all'])
    await kubectl(['apply', '-k', path('infra/kubernetes/watcher/rbac')])
    const token = (await kubectl(['create', 'token', '-n', 'ops-system', 'ops-watcher'])).trim()
    writeFileSync(join(dir, 'kubeconfig'), kubeconfigText({ url: cluster.url, ca: cluster.ca, token }))
    await Promise.all([start(), start()])
  }, 120_000)
  afterAll(async () => {
    for (const { child } of watchers) await child.stop()
    await nats.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('orders to start what kubectl makes', async () => {
    await apply(taskRun('a'))
    await comes('taskruns.a.start')
  }, 90_000)

  it('sees that a Job of a run ends', async () => {
    await patch('taskruns/a', {
      runStatus: 'Running',
      startTime: new Date().toISOString(),
      executor: 'kubernetes',
    })
    const container = { name: 'step', image: 'ubuntu:22.04' }
    await apply({
      ...{ apiVersion: 'batch/v1', kind: 'Job' },
      metadata: { namespace: 'ops', name: 'a-n1', labels: { 'ops/taskrun-uid': await uidOf('taskruns/a') } },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    })
    const time = '2026-11-21T12:00:01Z'
    const condition = {
      status: 'True',
      reason: 'BackoffLimitExceeded',
      message: '',
      lastTransitionTime: time,
    }
    await patch('jobs/a-n1', {
      startTime: time,
      conditions: [
        { ...condition, type: 'FailureTarget' },
        { ...condition, type: 'Failed' },
      ],
    })
    await comes('taskruns.a.ended')
  }, 90_000)

  it('tells of what is deleted while it runs', async () => {
    await kubectl(['delete', '-n', 'ops', 'taskruns/a'])
    await comes('taskruns.a.gone')
  }, 90_000)

  it('refuses a crontab that is never due, and runs another one', async () => {
    await apply(taskRun('never', { crontab: '0 0 30 2 *' }))
    await apply(taskRun('each', { crontab: '@every 1s' }))
    await comes('taskruns.never.refuse')
    await vi.waitFor(
      async () => expect((await orders())['runs.ops.taskruns.each.due'] ?? 0).toBeGreaterThan(2),
      patient,
    )
  }, 90_000)

  it('looks at a new cluster at once', async () => {
    await apply({
      ...{ apiVersion: 'crd.chenshaowen.com/v1', kind: 'Cluster' },
      metadata: { namespace: 'ops', name: 'other' },
      spec: { server: 'https://192.0.2.1:6443' },
    })
    await comes('clusters.other.probe')
  }, 90_000)
})
