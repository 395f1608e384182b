import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { startChild } from '../../../infra/local/child.ts'
import { apply } from '../../../infra/local/kubernetes/kubectl.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { describeOnKubernetes } from '../../kubernetes.ts'
import { startClusters } from '../../leaf/clusters.ts'
import { quiet } from '../../quiet.ts'
import { eventsOn } from './events/bus.ts'

const door = new URL('../../../functions/watcher/index.ts', import.meta.url).pathname

const event = `
apiVersion: v1
kind: Event
metadata: { name: web.1, namespace: default }
involvedObject: { apiVersion: v1, kind: Pod, namespace: default, name: web }
type: Warning
reason: BackOff
message: Back-off restarting failed container
source: { component: kubelet }
`

describeOnKubernetes('a watcher in a leaf cluster', {}, async cluster => {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-leaf-'))
  const { main, leaves, stop } = await startClusters(dir, 'current', ['edge1'])
  const nats = openNats(main.url, 'test', quiet)
  await ensureStreams(await nats.opened, 1, quiet, { leaves: ['edge1'] })
  afterAll(async () => {
    await nats.close()
    await stop()
    await rm(dir, { recursive: true, force: true })
  })

  it('needs neither Redis nor the key of hooks, and its events come to the main cluster', async () => {
    const lines: string[] = []
    const child = await startChild(process.execPath, [door], {
      env: {
        ...{ WATCH_ONLY: 'true', EVENT_CLUSTER: 'edge1', EVENT_ENDPOINT: leaves[0]?.server.url },
        ...{ KUBECONFIG: cluster.kubeconfig, PORT: '0' },
      },
      line: text => lines.push(text),
    })
    afterAll(() => child.stop())
    const onMain = async () => eventsOn(await nats.opened, 'ops.clusters.edge1.>')
    await vi.waitFor(
      async () => expect((await onMain()).map(({ type }) => type)).toContain('Controller'),
      60_000,
    )
    await apply(cluster, event)
    await vi.waitFor(
      async () =>
        expect(await onMain()).toContainEqual(
          expect.objectContaining({
            subject: 'ops.clusters.edge1.namespaces.default.pods.web.events',
            data: expect.objectContaining({ cluster: 'edge1', reason: 'BackOff' }),
          }),
        ),
      60_000,
    )
    expect(lines.join('\n')).toContain('This cluster is only watched')
    expect(lines.filter(line => /"level":"(warn|error)"/.test(line))).toEqual([])
  })
})
