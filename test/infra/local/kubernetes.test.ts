import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { afterAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type Cluster, startKubernetes } from '../../../infra/local/kubernetes/cluster.ts'
import { compact } from '../../../infra/local/kubernetes/compact.ts'
import { apply, makeNodes, takeDown } from '../../../infra/local/kubernetes/kubectl.ts'
import { kubernetesVersion } from '../../../infra/local/programs/module.ts'
import { describeOnKubernetes } from '../../kubernetes.ts'
import { startProxy } from '../../proxy.ts'

const List = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(z.unknown()) })

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 5
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
`
const events = '/apis/events.k8s.io/v1/events'

/** Asks the API server as the admin, by default straight. */
function asking(cluster: Cluster) {
  const dispatcher = new Agent({ connect: { ca: cluster.ca } })
  afterAll(() => dispatcher.destroy())
  return (path: string, port = cluster.port) =>
    request(`https://127.0.0.1:${port}${path}`, {
      dispatcher,
      headers: { authorization: `Bearer ${cluster.token}` },
    })
}

const configMap = (name: string) => `{ apiVersion: v1, kind: ConfigMap, metadata: { name: ${name} } }`

/** An event of the new API, as a component would write it. */
const event = (name: string) => `
apiVersion: events.k8s.io/v1
kind: Event
metadata: { name: ${name} }
eventTime: 2026-01-01T00:00:00.000000Z
type: Normal
reason: Tested
action: Test
reportingController: test
reportingInstance: test
regarding: { kind: Pod, name: web, namespace: default }
`

describeOnKubernetes('an API server with etcd', {}, cluster => {
  const ask = asking(cluster)

  test('says the version that go.mod pins, as kubectl does', async () => {
    const said = JSON.parse(await cluster.kubectl(['version', '-o', 'json']))
    expect(said).toMatchObject({
      clientVersion: { gitVersion: `v${cluster.version}`, major: '1' },
      serverVersion: { gitVersion: `v${cluster.version}`, major: '1', minor: cluster.version.split('.')[1] },
    })
    if (!process.env.KUBEBUILDER_ASSETS) expect(cluster.version).toBe(kubernetesVersion)
  })

  test('is trusted only by who knows its authority, and refuses who has no token', async () => {
    await expect(fetch(`${cluster.url}/version`)).rejects.toThrow('fetch failed')
    const dispatcher = new Agent({ connect: { ca: cluster.ca } })
    expect((await request(`${cluster.url}${events}`, { dispatcher })).statusCode).toBe(403)
    await dispatcher.destroy()
  })

  test('says why it does not come up', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ops-events-'))
    const flags = { 'kube-apiserver': { 'no-such-flag': '1' } }
    await expect(startKubernetes({ dir, flags })).rejects.toThrow(
      /^kube-apiserver ended with .*no-such-flag/s,
    )
    rmSync(dir, { recursive: true })
  })

  test('keeps its objects through a kill -9, on the same port', async () => {
    const before = cluster.pids['kube-apiserver']
    await apply(cluster, configMap('kept'))
    await cluster.kill('kube-apiserver')
    await expect(ask('/readyz')).rejects.toThrow()
    await cluster.restart('kube-apiserver')
    expect(cluster.pids['kube-apiserver']).not.toBe(before)
    expect(await cluster.kubectl(['get', 'configmap', 'kept', '-o', 'name'])).toBe('configmap/kept\n')
    await cluster.restart('etcd')
    await vi.waitFor(
      async () => expect((await ask('/api/v1/namespaces/default')).statusCode).toBe(200),
      60_000,
    )
    expect(await cluster.kubectl(['get', 'configmap', 'kept', '-o', 'name'])).toBe('configmap/kept\n')
  })

  test('answers 410 to a watch from a version that was compacted away', async () => {
    const old = List.parse(await (await ask(events)).body.json()).metadata.resourceVersion
    await apply(cluster, event('one'))
    const watch = async (version: string) => {
      const { body } = await ask(`${events}?watch=true&timeoutSeconds=1&resourceVersion=${version}`)
      return body.text()
    }
    expect(await watch(old)).toContain('"name":"one"')
    const current = await compact(cluster)
    expect(Number(current)).toBeGreaterThan(Number(old))
    expect(await watch(old)).toMatch(/"type":"ERROR".*"code":410/)
    expect(await watch(current)).toBe('')
  })

  test('can be watched through a proxy that holds and cuts connections', async () => {
    const proxy = await startProxy(cluster)
    const version = List.parse(await (await ask(events)).body.json()).metadata.resourceVersion
    const follow = async (port: number) => {
      const { body } = await ask(`${events}?watch=true&timeoutSeconds=60&resourceVersion=${version}`, port)
      const watch = { seen: '', ended: read() }
      async function read() {
        for await (const chunk of body) watch.seen += chunk
      }
      watch.ended.catch(() => {})
      return watch
    }
    const direct = await follow(cluster.port)
    const proxied = await follow(proxy.port)
    proxy.hold()
    await apply(cluster, event('two'))
    await vi.waitFor(() => expect(direct.seen).toContain('"name":"two"'))
    expect(proxied.seen).toBe('')
    proxy.resume()
    await vi.waitFor(() => expect(proxied.seen).toBe(direct.seen))
    proxy.cut()
    await expect(proxied.ended).rejects.toThrow()
    await proxy.stop()
  })
})

// A node that went down is noticed after eight seconds.
const alert = {
  kwok: { 'node-lease-duration-seconds': '8' },
  'kube-controller-manager': { 'node-monitor-grace-period': '8s', 'node-monitor-period': '1s' },
}

describeOnKubernetes('a cluster with controllers and kwok', { controllers: true, flags: alert }, cluster => {
  const running = () =>
    cluster.kubectl(['get', 'pods', '--field-selector=status.phase=Running', '-o', 'name'])
  const reasons = async () => {
    const list = ['get', 'events.v1.events.k8s.io', '-A', '-o', 'jsonpath={.items[*].reason}']
    return (await cluster.kubectl(list)).split(' ')
  }

  test('runs the pods of a Deployment on its nodes, and tells it in events', {
    timeout: 240_000,
  }, async () => {
    await makeNodes(cluster, 3)
    await apply(cluster, deployment)
    await vi.waitFor(async () => expect((await running()).match(/^pod/gm)).toHaveLength(5), 100_000)
    const told = ['NodeReady', 'ScalingReplicaSet', 'SuccessfulCreate', 'Scheduled', 'Started']
    await vi.waitFor(async () => expect(await reasons()).toEqual(expect.arrayContaining(told)), 100_000)
  })

  test('has its pods ready again after a stall of all kubelets', { timeout: 240_000 }, async () => {
    const readiness = async () => {
      const each = '{.status.conditions[?(@.type=="Ready")].status}'
      const found = await cluster.kubectl(['get', 'pods', '-o', `jsonpath={range .items[*]}${each} {end}`])
      return found.trim().split(' ')
    }
    await cluster.kill('kwok', 'SIGSTOP')
    await vi.waitFor(async () => expect(await readiness()).toEqual(Array(5).fill('False')), 100_000)
    await cluster.kill('kwok', 'SIGCONT')
    await vi.waitFor(async () => expect(await readiness()).toEqual(Array(5).fill('True')), 100_000)
  })

  test('has a node NotReady that is taken down', { timeout: 240_000 }, async () => {
    const conditions = async () => {
      const each = '{.metadata.name}={.status.conditions[?(@.type=="Ready")].status}'
      return (await cluster.kubectl(['get', 'nodes', '-o', `jsonpath={range .items[*]}${each} {end}`])).trim()
    }
    await takeDown(cluster, 'node-1')
    await vi.waitFor(
      async () => expect(await conditions()).toBe('node-1=Unknown node-2=True node-3=True'),
      150_000,
    )
    expect(await reasons()).toContain('NodeNotReady')
  })
})
