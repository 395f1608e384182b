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
  const app = openNats(clusters.main.url, 'app', quiet)
  const main = openNats(clusters.main.url.replace('//app:', '//bridge:'), 'bridge', quiet)
  const edge = openNats(leaf.server.url, 'watcher', quiet)
  const jsm = await jetstreamManager(await edge.opened, { checkAPI: false })
  await jsm.streams.add({ name: 'ops', subjects: ['ops.>'], max_msgs: 100 })
  await ensureStreams(await main.opened, 1, quiet, { leaves: ['edge1'] })
  const about = { nats: main, leaves: ['edge1'], namespace: 'ops-system', publisher: publisherOver(main) }
  const replica = (me: string) => {
    const registry = new Registry()
    return { registry, ...watchLeaves({ ...about, me, registry, log: quiet }) }
  }
  let looks = replica('first')
  onTestFinished(async () => {
    await looks.stop()
    await Promise.all([app.close(), main.close(), edge.close()])
    await clusters.stop()
    await rm(dir, { recursive: true, force: true })
  })
  const { publish } = publisherOver(edge)
  const onMain = async (filter: string) => eventsOn(await app.opened, filter)
  return {
    link: leaf.link,
    lost: () => looks.registry.getSingleMetricAsString('ops_bridge_leaf_lost_events_total'),
    async nextReplica() {
      await looks.stop()
      looks = replica('second')
    },
    async post(from: number, to: number) {
      for (let n = from; n <= to; n++)
        await publish({ subject: 'ops.clusters.edge1.nodes.n1.events', payload: '{}', id: `event-${n}` })
    },
    arrived: async () => (await onMain('ops.clusters.edge1.nodes.>')).length,
    alerts: () => onMain(alerts),
    /** What the leaf's stream still holds, asked from here as the bridge may. */
    async firstThere() {
      const there = await jetstreamManager(await main.opened, { checkAPI: false, domain: 'edge1' })
      return (await there.streams.info('ops')).state.first_seq
    },
  }
}

describe.each(natsVersions)('a leaf cluster on %s whose buffer is full', version => {
  it('loses its oldest, and that is told as an event, by whichever replica looks', async () => {
    const { link, lost, nextReplica, post, arrived, alerts, firstThere } = await smallLeaf(version)
    async function cutWhile(act: () => Promise<void>): Promise<void> {
      link.hold()
      link.cut()
      await act()
      link.resume()
      link.cut()
    }
    await post(1, 20)
    await vi.waitFor(async () => expect(await arrived()).toBe(20), 30_000)
    await cutWhile(async () => {
      await post(21, 150)
      expect(await alerts()).toEqual([])
    })
    await vi.waitFor(async () => expect(await arrived()).toBe(120), 60_000)
    expect(await firstThere()).toBe(51)
    await vi.waitFor(async () => expect(await alerts()).toHaveLength(1), 30_000)
    const [alert] = await alerts()
    expect(alert).toMatchObject({
      subject: 'ops.clusters.edge1.namespaces.ops-system.streams.ops.alerts',
      data: { cluster: 'edge1', stream: 'ops', events: 30, from: 21, to: 50 },
    })
    await vi.waitFor(async () => expect(await lost()).toContain('{cluster="edge1"} 30'), 5_000)

    await nextReplica()
    await cutWhile(() => post(151, 260))
    await vi.waitFor(async () => expect(await alerts()).toHaveLength(2), 60_000)
    const [, next] = await alerts()
    expect(next).toMatchObject({ data: { events: 10, from: 151, to: 160 } })
    await vi.waitFor(async () => expect(await lost()).toContain('{cluster="edge1"} 10'), 5_000)
  })
})
