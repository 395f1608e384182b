import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Kvm } from '@nats-io/kv'
import { beforeAll, expect, it, vi } from 'vitest'
import { compact } from '../../../../infra/local/kubernetes/compact.ts'
import { apply, makeNodes, takeDown } from '../../../../infra/local/kubernetes/kubectl.ts'
import { describeOnKubernetes } from '../../../kubernetes.ts'
import { startProxy } from '../../../proxy.ts'
import { apiOf } from './api.ts'
import { fileWith, proxied, standOf } from './stand.ts'

const deployment = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      tolerations: [{ operator: Exists }]
      containers: [{ name: web, image: web }]
`

describeOnKubernetes('the watcher on a cluster', { controllers: true }, async cluster => {
  const api = apiOf(cluster)
  const stand = await standOf()
  const env = { KUBECONFIG: cluster.kubeconfig }
  const { seen } = await api.independentWatch()
  const kube = async () => (await stand.events()).filter(({ type }) => type === 'Kube')

  /** Waits until the bus has all that the independent watch ever saw, no more and no less; nothing of it is there twice. */
  async function busHasAll() {
    await vi.waitFor(
      async () => {
        const found = new Map((await kube()).map(event => [event.id, event]))
        expect([...seen].filter(([id]) => !found.has(id))).toEqual([])
        expect([...found].filter(([id]) => !seen.has(id))).toEqual([])
      },
      { timeout: 60_000, interval: 300 },
    )
    const ids = (await kube()).map(({ id }) => id)
    expect(ids.length).toBe(new Set(ids).size)
  }

  /** Waits until the watcher has remembered the last version: what it is killed for after that it does not read again. */
  async function rememberedAll() {
    const bucket = await new Kvm(await stand.nats.opened).open('checkpoints')
    const last = [...seen.values()].at(-1)?.object.metadata.resourceVersion
    await vi.waitFor(async () =>
      expect((await bucket.get('events.c1'))?.json()).toMatchObject({ resourceVersion: last }),
    )
  }

  /** Events happen all the while, and every version of each comes to the bus once. */
  async function nothingIsLostOrDoubled(during: () => Promise<void>) {
    const before = seen.size
    const traffic = api.traffic()
    await pause(500)
    await during()
    await pause(500)
    await vi.waitFor(() => expect(seen.size - before).toBeGreaterThan(50))
    await traffic.stop()
    await busHasAll()
  }

  beforeAll(async () => {
    await stand.watcher(env)
    await makeNodes(cluster, 20)
  }, 240_000)

  it('puts on the bus what an independent watch sees of a rollout', async () => {
    // As it is found on a second try.
    await cluster.kubectl(['delete', 'deployment/web', '--ignore-not-found'])
    await makeNodes(cluster, 20)
    const before = seen.size
    await stand.watcher(env)
    await apply(cluster, deployment(100))
    await cluster.kubectl(['rollout', 'status', 'deployment/web', '--timeout=150s'])
    await apply(cluster, deployment(30))
    await takeDown(cluster, 'node-3')
    await cluster.kubectl(['delete', 'deployment/web'])
    await vi.waitFor(() => expect(seen.size - before).toBeGreaterThan(300))
    await busHasAll()
  })

  it('loses and doubles nothing when it is killed and started again', async () => {
    let watcher = await stand.watcher(env)
    await nothingIsLostOrDoubled(async () => {
      for (let turn = 0; turn < 3; turn++) {
        await watcher.kill()
        await pause(300)
        watcher = await stand.watcher(env)
      }
    })
  })

  it('loses and doubles nothing when one of two replicas is killed', async () => {
    const replicas = await Promise.all([stand.watcher(env), stand.watcher(env)])
    await nothingIsLostOrDoubled(async () => {
      await replicas[0].kill()
      await pause(1_000)
      replicas[0] = await stand.watcher(env)
      await pause(500)
      await replicas[1].kill()
    })
  })

  it('loses and doubles nothing when the API server is started again', async () => {
    await stand.watcher(env)
    await nothingIsLostOrDoubled(() => cluster.restart('kube-apiserver'))
  })

  it('loses and doubles nothing when its connections are cut, or are open and dead', async () => {
    const proxy = await startProxy({ port: cluster.port })
    const watcher = await stand.watcher({
      ...proxied(cluster, proxy.port),
      WATCH_FILE: fileWith('watchSeconds: 2'),
    })
    await nothingIsLostOrDoubled(async () => {
      proxy.cut()
      await pause(2_500)
      proxy.hold()
      await vi.waitFor(
        async () => {
          const silent = (await watcher.metrics()).get('ops_watcher_watch_ends_total{reason="silent"}')
          expect(silent).toBeGreaterThan(0)
        },
        { timeout: 60_000, interval: 200 },
      )
      proxy.cut()
      proxy.resume()
    })
    await proxy.stop()
  })

  it('loses and doubles nothing while NATS is away, and takes no more than it can hold', async () => {
    const watcher = await stand.watcher(env)
    async function counted() {
      const metrics = await watcher.metrics()
      const [received = 0, published = 0, duplicate = 0] = ['received', 'published', 'duplicate'].map(what =>
        metrics.get(`ops_watcher_events_${what}_total`),
      )
      return { metrics, inFlight: received - published - duplicate }
    }
    await nothingIsLostOrDoubled(async () => {
      await stand.bus.kill()
      await pause(10_000)
      await vi.waitFor(async () => {
        const { metrics, inFlight } = await counted()
        expect(metrics.get('ops_watcher_bus_away')).toBe(1)
        expect(inFlight).toBeGreaterThan(0)
      })
      expect((await counted()).inFlight).toBeLessThanOrEqual(513)
      await stand.bus.restart()
    })
    await vi.waitFor(async () => expect((await counted()).inFlight).toBe(0))
  })

  it('tells each last version, true counts and a blind window when etcd has forgotten', async () => {
    const watcher = await stand.watcher(env)
    // Others than those of a first try.
    const turn = randomUUID()
    const [twice, once, none] = [`seen-twice-${turn}`, `seen-once-${turn}`, `missed-${turn}`] as const
    const seenTwice = await api.happens({ object: twice })
    const seenOnce = await api.happens({ object: once })
    await api.again(seenTwice, 2)
    await pause(1_100)
    await api.happens()
    await busHasAll()
    await rememberedAll()
    await watcher.kill()
    const killed = Date.now()
    await pause(2_500)
    await api.again(seenTwice, 3)
    await api.again(seenTwice, 5)
    await api.again(seenOnce, 4)
    const missed = await api.happens({ object: none })
    await api.again(missed, 6)
    await api.happens()
    await compact(cluster)
    await stand.watcher(env)

    const last = new Map<string, string>()
    for (const [id, { object }] of seen) last.set(object.metadata.uid ?? '', id)
    await vi.waitFor(async () => {
      const onBus = new Set((await kube()).map(({ id }) => id))
      expect([...last.values()].filter(id => !onBus.has(id))).toEqual([])
    })

    const told = await kube()
    const newOf = (object: string) =>
      told.filter(({ data }) => data.name === object).map(({ data }) => data.occurrences)
    expect(newOf(twice)).toEqual([1, 1, 3])
    expect(newOf(once)).toEqual([1, 3])
    expect(newOf(none)).toEqual([6])

    const gap = await vi.waitFor(async () => {
      const found = await stand.events('ops.clusters.c1.namespaces.ops-system.controllers.events.alerts')
      const [ours, ...others] = found.filter(({ data }) => Date.parse(String(data.to)) > killed)
      expect(others).toEqual([])
      if (!ours) throw new Error('No blind window is told')
      return ours
    })
    expect(gap.data).toMatchObject({ reason: 'BlindWindow', recovered: 4 })
    expect(Date.parse(String(gap.data.from))).toBeLessThan(killed)
  })
})
