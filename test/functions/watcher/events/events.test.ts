import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { kubeconfigText } from '../../../../infra/local/kubernetes/credentials.ts'
import { describeOnKubernetes } from '../../../kubernetes.ts'
import { apiOf } from './api.ts'
import { fileWith, standOf } from './stand.ts'

const rbac = fileURLToPath(new URL('../../../../infra/kubernetes/watcher/rbac', import.meta.url))

describeOnKubernetes('the watcher at an API server', {}, async cluster => {
  const api = apiOf(cluster)
  const stand = await standOf()

  /** The events about one object, once there are so many. */
  const about = (name: string, count = 1) =>
    vi.waitFor(async () => {
      const found = (await stand.events()).filter(({ data }) => data.name === name)
      expect(found).toHaveLength(count)
      return found
    })

  describe('with a role that grants what it uses and no more', async () => {
    const account = 'system:serviceaccount:ops-system:ops-watcher'

    it('tells created, repeated and deleted events, as that service account', async () => {
      await cluster.kubectl(['create', 'namespace', 'ops-system'])
      await cluster.kubectl(['apply', '-k', rbac])
      const token = (await cluster.kubectl(['create', 'token', 'ops-watcher', '-n', 'ops-system'])).trim()
      const kubeconfig = fileWith(kubeconfigText({ url: cluster.url, ca: cluster.ca, token }))
      await stand.watcher({ KUBECONFIG: kubeconfig })

      const name = await api.happens({ object: 'as-account', reason: 'BackOff', type: 'Warning' })
      await api.again(name, 2)
      await api.again(name, 7)
      await api.gone(name)
      const told = await about('as-account', 4)
      expect(told.map(({ data }) => [data.operation, data.count, data.occurrences])).toEqual([
        ['ADDED', 1, 1],
        ['MODIFIED', 2, 1],
        ['MODIFIED', 7, 5],
        ['DELETED', 7, 0],
      ])
      expect(told[0]).toMatchObject({
        type: 'Kube',
        subject: 'ops.clusters.c1.namespaces.default.pods.as-account.events',
        data: {
          ...{ cluster: 'c1', type: 'Warning', reason: 'BackOff', from: 'test', kind: 'Pod' },
          ...{ namespace: 'default', name: 'as-account', message: 'BackOff of as-account' },
        },
      })
    })

    it.each([
      ['get', 'events', true],
      ['list', 'events', true],
      ['watch', 'events.events.k8s.io', true],
      ['create', 'events', false],
      ['get', 'pods', true],
      ['get', 'deployments.apps', true],
      ['get', 'cronjobs.batch', true],
      ['get', 'nodes', true],
      ['list', 'pods', false],
      ['watch', 'replicasets.apps', false],
      ['get', 'secrets', false],
    ])('may %s %s: %s', async (verb, resource, may) => {
      const answer = await cluster
        .kubectl(['auth', 'can-i', verb, resource, '--all-namespaces', `--as=${account}`])
        .catch(error => String(error.stdout))
      expect(answer.trim()).toBe(may ? 'yes' : 'no')
    })
  })

  describe('with two replicas', () => {
    it('shows each occurrence once in the metrics of each, from 0 on, and a sum that balances', async () => {
      const env = { KUBECONFIG: cluster.kubeconfig }
      const replicas = await Promise.all([stand.watcher(env), stand.watcher(env)])
      const name = await api.happens({ object: 'twice-seen', reason: 'BackOff', type: 'Warning' })
      await api.again(name, 5)
      const series =
        'event_exporter_events_total{event_type="Warning",reason="BackOff",involved_object_kind="Pod",involved_object_name="twice-seen",namespace="default"}'
      await about('twice-seen', 2)
      const [first, second] = await vi.waitFor(async () => {
        const pages = await Promise.all(replicas.map(replica => replica.metrics()))
        expect(pages.map(page => page.get(series))).toEqual([5, 5])
        return pages
      })
      const sum = (what: string) =>
        [first, second].map(page => page?.get(`ops_watcher_events_${what}_total`) ?? 0)
      const [[p1 = 0, p2 = 0], [d1 = 0, d2 = 0], [r1 = 0, r2 = 0]] = [
        sum('published'),
        sum('duplicate'),
        sum('received'),
      ]
      expect([p1 + d1, p2 + d2]).toEqual([r1, r2])
    })
  })

  describe('with a file that says what is watched', () => {
    it('leaves out the rest, and counts it by rule', async () => {
      const watcher = await stand.watcher({
        KUBECONFIG: cluster.kubeconfig,
        WATCH_FILE: fileWith('drop: [{ name: noise, reason: "^Noise" }]\nkinds: { exclude: [Node] }'),
      })
      await api.happens({ object: 'left-out', reason: 'Noise' })
      await api.happens({ object: 'node-x', kind: 'Node' })
      await api.happens({ object: 'taken' })
      await about('taken')
      await about('left-out', 0)
      const metrics = await watcher.metrics()
      expect(metrics.get('ops_watcher_events_dropped_total{rule="noise"}')).toBe(1)
      expect(metrics.get('ops_watcher_events_dropped_total{rule="kinds.exclude"}')).toBe(1)
    })

    it('has the API server leave out what is not of the one type', async () => {
      const watcher = await stand.watcher({
        KUBECONFIG: cluster.kubeconfig,
        WATCH_FILE: fileWith('types: [Warning]'),
      })
      const received = async () => (await watcher.metrics()).get('ops_watcher_events_received_total') ?? 0
      // What was written before this watcher came is behind it once it has this one.
      await api.happens({ object: 'caught-up', type: 'Warning' })
      await about('caught-up')
      const before = await received()
      await api.happens({ object: 'normal' })
      await api.happens({ object: 'warning', type: 'Warning' })
      await about('warning')
      expect(await received()).toBe(before + 1)
    })

    it('does not start with a file that is wrong, and says where and why', async () => {
      const path = fileWith('drop: [{ reason: "(" }]')
      const starting = stand.watcher({ KUBECONFIG: cluster.kubeconfig, WATCH_FILE: path })
      await expect(starting).rejects.toThrow(`WATCH_FILE: Cannot use "${path}": drop[0].reason: `)
    })
  })

  it('uses the plural of the API, and English for a kind that it does not have', async () => {
    await stand.watcher({ KUBECONFIG: cluster.kubeconfig })
    await api.happens({ object: 'of.a.kind', kind: 'Endpoints' })
    await api.happens({ object: 'of-no-kind', kind: 'Gadgetry' })
    expect((await about('of.a.kind'))[0]?.subject).toBe(
      'ops.clusters.c1.namespaces.default.endpoints.of_a_kind.events',
    )
    expect((await about('of-no-kind'))[0]?.subject).toBe(
      'ops.clusters.c1.namespaces.default.gadgetries.of-no-kind.events',
    )
  })

  it('stops at once when it is asked to, and goes on where it was', async () => {
    const watcher = await stand.watcher({ KUBECONFIG: cluster.kubeconfig })
    await api.happens({ object: 'before-stop' })
    await about('before-stop')
    const began = performance.now()
    await watcher.stop(30_000)
    expect(await watcher.exited).toBe('code 0')
    expect(performance.now() - began).toBeLessThan(15_000)
    await api.happens({ object: 'while-stopped' })
    const next = await stand.watcher({ KUBECONFIG: cluster.kubeconfig })
    await about('while-stopped')
    const metrics = await next.metrics()
    expect(metrics.get('ops_watcher_events_received_total')).toBe(1)
    expect(metrics.get('ops_watcher_events_duplicate_total')).toBe(0)
  })

  it('says that it handles events now', async () => {
    await stand.watcher({ KUBECONFIG: cluster.kubeconfig })
    const subject = 'ops.clusters.c1.namespaces.ops-system.controllers.events.status'
    const [said] = await vi.waitFor(async () => {
      const found = await stand.events(subject)
      expect(found).not.toEqual([])
      return found
    })
    expect(said).toMatchObject({ type: 'Controller', data: { kind: 'Events', status: 'setup' } })
  })
})

describeOnKubernetes(
  'the watcher at an API server without events.k8s.io/v1',
  { flags: { 'kube-apiserver': { 'runtime-config': 'events.k8s.io/v1=false' } } },
  async cluster => {
    const api = apiOf(cluster)
    const stand = await standOf('2.9.10')

    it('reads the older API, on the older NATS', async () => {
      const watcher = await stand.watcher({ KUBECONFIG: cluster.kubeconfig })
      const name = await api.happens({ object: 'old' })
      await api.again(name, 3)
      const told = await vi.waitFor(async () => {
        const found = (await stand.events()).filter(({ data }) => data.name === 'old')
        expect(found).toHaveLength(2)
        return found
      })
      expect(told[1]?.data).toMatchObject({
        count: 3,
        occurrences: 2,
        message: 'Tested of old',
        from: 'test',
      })
      expect(watcher.lines.join('\n')).toContain('"api":"v1"')
    })
  },
)
