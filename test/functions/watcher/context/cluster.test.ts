import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it, vi } from 'vitest'
import { kubeconfigText } from '../../../../infra/local/kubernetes/credentials.ts'
import { apply, makeNodes } from '../../../../infra/local/kubernetes/kubectl.ts'
import { describeOnKubernetes } from '../../../kubernetes.ts'
import { apiOf } from '../events/api.ts'
import type { OnBus } from '../events/bus.ts'
import { fileWith, standOf } from '../events/stand.ts'
import { gateTo, type Treatment } from './gate.ts'

const rbac = fileURLToPath(new URL('../../../../infra/kubernetes/watcher/rbac', import.meta.url))

const pod = (name: string) => `
    metadata: { labels: { app: ${name} } }
    spec:
      tolerations: [{ operator: Exists }]
      restartPolicy: RESTART
      containers: [{ name: main, image: main }]`

const deployment = (name: string, replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, labels: { app.kubernetes.io/name: ${name} } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:${pod(name).replace('RESTART', 'Always')}
`
const cronJob = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: '0 0 1 1 *'
  jobTemplate:
    spec:
      template:${pod('nightly').replace('RESTART', 'Never').replaceAll('\n', '\n    ')}
`
type Told = OnBus & { correlationid?: string }

describeOnKubernetes('what the watcher finds out', { controllers: true }, async cluster => {
  const api = apiOf(cluster)
  const stand = await standOf()

  /** As the account that infra/ has for it, or as one that may see events alone. */
  async function kubeconfigOf(account: string, url = cluster.url) {
    const token = (await cluster.kubectl(['create', 'token', account, '-n', 'ops-system'])).trim()
    return fileWith(kubeconfigText({ url, ca: cluster.ca, token }))
  }
  const eventsOf = async (part: string): Promise<Told[]> =>
    (await stand.events()).filter(({ data }) => String(data.name).startsWith(part))

  /** Once there are so many events of so many objects of a kind. */
  const told = (part: string, kind: string, objects: number) =>
    vi.waitFor(
      async () => {
        const found = await eventsOf(part)
        const names = new Set(found.filter(({ data }) => data.kind === kind).map(({ data }) => data.name))
        expect(names.size).toBeGreaterThanOrEqual(objects)
        return found
      },
      { timeout: 60_000, interval: 300 },
    )
  const sumOf = (metrics: Map<string, number>, name: string) =>
    [...metrics].filter(([label]) => label.startsWith(name)).reduce((sum, [, value]) => sum + value, 0)

  beforeAll(async () => {
    await cluster.kubectl(['create', 'namespace', 'ops-system'])
    await cluster.kubectl(['apply', '-k', rbac])
    await cluster.kubectl(['create', 'serviceaccount', 'bare', '-n', 'ops-system'])
    await cluster.kubectl([
      'create',
      'clusterrole',
      'bare',
      '--verb=get,list,watch',
      '--resource=events.events.k8s.io',
    ])
    const bind = ['--clusterrole=bare', '--serviceaccount=ops-system:bare']
    await cluster.kubectl(['create', 'clusterrolebinding', 'bare', ...bind])
    await makeNodes(cluster, 3)
    await cluster.kubectl(['label', 'nodes', '--all', 'topology.kubernetes.io/zone=z1'])
  }, 240_000)

  it('of a rollout is one root for pods, ReplicaSet and Deployment, and one correlation within the hour', async () => {
    const watcher = await stand.watcher({
      KUBECONFIG: await kubeconfigOf('ops-watcher'),
      WATCH_FILE: fileWith('enrich: { labels: [app, app.kubernetes.io/name], wait: 5000 }'),
    })
    await apply(cluster, deployment('web', 20))
    await cluster.kubectl(['rollout', 'status', 'deployment/web', '--timeout=120s'])
    const events = await told('web', 'Pod', 20)
    const pods = events.filter(({ data }) => data.kind === 'Pod')
    for (const { data } of pods) {
      expect(data).toMatchObject({
        owners: [{ kind: 'ReplicaSet' }, { kind: 'Deployment', name: 'web' }],
        labels: { app: 'web' },
        root: { labels: { 'app.kubernetes.io/name': 'web' } },
        ...{ node: expect.stringMatching(/^node-\d$/), zone: 'z1' },
      })
    }
    const hours = new Map(
      events.map(({ time, correlationid }) => [`${time.slice(0, 13)} ${correlationid}`, time]),
    )
    expect(hours.size).toBe(new Set([...hours.values()].map(time => time.slice(0, 13))).size)
    expect(new Set(events.map(({ data }) => data.kind))).toEqual(new Set(['Pod', 'ReplicaSet', 'Deployment']))
    const metrics = await watcher.metrics()
    const asked = sumOf(metrics, 'ops_watcher_context_requests_total')
    console.log(`A rollout of 20 pods: ${events.length} events, ${asked} requests`)
    expect(sumOf(metrics, 'ops_watcher_context_left_out_total')).toBe(0)
    expect(asked).toBeLessThanOrEqual(20 + 2 + 3)
  })

  it('of the pods of a CronJob is that, and of a pod that is gone what was known of it', async () => {
    const watcher = await stand.watcher({ KUBECONFIG: await kubeconfigOf('ops-watcher') })
    await apply(cluster, cronJob)
    await cluster.kubectl(['create', 'job', 'nightly-now', '--from=cronjob/nightly'])
    const events = await told('nightly', 'Pod', 1)
    const first = events.find(({ data }) => data.kind === 'Pod')
    const owners = [
      { kind: 'Job', name: 'nightly-now', uid: expect.any(String) },
      { kind: 'CronJob', name: 'nightly', uid: expect.any(String) },
    ]
    expect(first?.data.owners).toEqual(owners)

    const { name, uid } = first?.data ?? {}
    await cluster.kubectl([
      'delete',
      'cronjob/nightly',
      'job/nightly-now',
      `pod/${name}`,
      '--force',
      '--ignore-not-found',
    ])
    const now = new Date().toISOString().replace(/\.\d+/, '')
    await api.ask('POST', '/api/v1/namespaces/default/events', {
      metadata: { name: 'late' },
      involvedObject: { kind: 'Pod', apiVersion: 'v1', namespace: 'default', name, uid },
      ...{ reason: 'Late', type: 'Normal', message: 'late', firstTimestamp: now, lastTimestamp: now },
    })
    const late = await vi.waitFor(async () => {
      const found = (await eventsOf('nightly')).find(({ data }) => data.reason === 'Late')
      if (!found) throw new Error('It is not told')
      return found
    })
    expect(late.data.owners).toEqual(owners)
    await watcher.stop(30_000)
  })

  it('is less without the rights to it, and events flow', async () => {
    const watcher = await stand.watcher({ KUBECONFIG: await kubeconfigOf('bare') })
    await apply(cluster, deployment('bare', 2))
    const events = await told('bare', 'Pod', 2)
    expect(events.every(({ data }) => data.zone === undefined)).toBe(true)
    const metrics = await watcher.metrics()
    expect(metrics.get('ops_watcher_context_requests_total{answer="found"}')).toBe(0)
    expect(metrics.get('ops_watcher_context_left_out_total{because="forbidden"}')).toBeGreaterThan(0)
    expect(watcher.lines.filter(line => line.includes('Events go on without')).length).toBeLessThan(6)
  })

  it.each<Treatment>(['busy', 'hang'])('holds no event up where the API server is: %s', async treatment => {
    const isAboutObject = (path: string) => /\/(pods|replicasets|deployments|nodes)\//.test(path)
    const gate = await gateTo(cluster, path => (isAboutObject(path) ? treatment : 'pass'))
    const watcher = await stand.watcher({ KUBECONFIG: await kubeconfigOf('ops-watcher', gate.url) })
    const { seen, stop } = await api.independentWatch()
    const before = (await stand.events()).length
    const began = seen.size
    await apply(cluster, deployment(`when-${treatment}`, 20))
    await told(`when-${treatment}`, 'Pod', 20)
    // Whole seconds are written in most events: what counts is that all are there when the others are.
    await vi.waitFor(async () =>
      expect((await stand.events()).length - before).toBeGreaterThanOrEqual(seen.size - began),
    )
    const metrics = await watcher.metrics()
    expect(sumOf(metrics, 'ops_watcher_context_left_out_total')).toBeGreaterThan(0)
    expect(gate.asked.filter(isAboutObject).length).toBeLessThan(20)
    await stop()
    await watcher.kill()
    gate.stop()
  })

  it('goes on when the API server was stopped for a while', async () => {
    await stand.watcher({ KUBECONFIG: await kubeconfigOf('ops-watcher') })
    await cluster.kill('kube-apiserver', 'SIGSTOP')
    await new Promise(resolve => setTimeout(resolve, 3_000))
    await cluster.kill('kube-apiserver', 'SIGCONT')
    // Of the first ones it may ask before the server has come to itself.
    await vi.waitFor(
      async () => {
        const name = `after-${Date.now()}`
        await apply(cluster, deployment(name, 1))
        const pods = (await told(name, 'Pod', 1)).filter(({ data }) => data.kind === 'Pod')
        expect(pods.at(-1)?.data.owners).toMatchObject([{ kind: 'ReplicaSet' }, { kind: 'Deployment' }])
      },
      { timeout: 60_000, interval: 500 },
    )
  })
})
