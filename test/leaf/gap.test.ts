import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { Registry } from 'prom-client'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { watchLeaves } from '../../functions/bridge/leaves.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { eventsOn } from '../functions/watcher/events/bus.ts'
import { natsVersions } from '../servers.ts'
import { startClusters } from './clusters.ts'
import type { Version } from './server.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const alerts = 'ops.clusters.*.namespaces.*.streams.ops.alerts'

/** A main cluster that looks after one leaf, whose stream holds a hundred events. */
async function smallLeaf(version: Version) {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-leaf-'))
  const clusters = await startClusters(dir, version, ['edge1'])
  const [leaf] = clusters.leaves
  if (!leaf) throw new Error('There is a leaf cluster')
  const main = openNats(clusters.main.url, 'bridge', quiet)
  const edge = openNats(leaf.server.url, 'watcher', quiet)
  const jsm = await jetstreamManager(await edge.opened, { checkAPI: false })
  await jsm.streams.add({ name: 'ops', subjects: ['ops.>'], max_msgs: 100 })
  await ensureStreams(await main.opened, 1, quiet, { leaves: ['edge1'] })
  const registry = new Registry()
  const about = { nats: main, leaves: ['edge1'], namespace: 'ops-system', me: 'test' }
  const look = watchLeaves({ ...about, publisher: publisherOver(main), registry, log: quiet })
  onTestFinished(async () => {
    await look.stop()
    await Promise.all([main.close(), edge.close()])
    await clusters.stop()
    await rm(dir, { recursive: true, force: true })
  })
  const { publish } = publisherOver(edge)
  const onMain = async (filter: string) => eventsOn(await main.opened, filter)
  return {
    link: leaf.link,
    registry,
    async post(from: number, to: number) {
      for (let n = from; n <= to; n++)
        await publish({ subject: 'ops.clusters.edge1.nodes.n1.events', payload: '{}', id: `event-${n}` })
    },
    arrived: async () => (await onMain('ops.clusters.edge1.nodes.>')).length,
    alerts: () => onMain(alerts),
  }
}

describe.each(natsVersions)('a leaf cluster on %s whose buffer is full', version => {
  it('loses its oldest, and that is told as an event', async () => {
    const { link, registry, post, arrived, alerts } = await smallLeaf(version)
    await post(1, 20)
    await vi.waitFor(async () => expect(await arrived()).toBe(20), 30_000)
    link.hold()
    link.cut()
    await post(21, 150)
    expect(await alerts()).toEqual([])
    link.resume()
    link.cut()
    await vi.waitFor(async () => expect(await arrived()).toBe(120), 60_000)
    await vi.waitFor(async () => expect(await alerts()).toHaveLength(1), 30_000)
    const [alert] = await alerts()
    expect(alert).toMatchObject({
      subject: 'ops.clusters.edge1.namespaces.ops-system.streams.ops.alerts',
      data: { cluster: 'edge1', stream: 'ops', events: 30, from: 21, to: 50 },
    })
    expect(await registry.getSingleMetricAsString('ops_bridge_leaf_lost_events_total')).toContain(
      'ops_bridge_leaf_lost_events_total{cluster="edge1"} 30',
    )
  })
})
