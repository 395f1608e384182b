import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { watchLeaves } from '../../functions/bridge/leaves.ts'
import { managerOf } from '../../shared/adapters/jetstream.ts'
import { bucketIn } from '../../shared/adapters/kv.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { publisherOver } from '../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { jsonAs } from '../../shared/json.ts'
import { buckets } from '../../shared/streams.ts'
import { eventsOn } from '../functions/watcher/events/bus.ts'
import { quiet } from '../quiet.ts'
import { startClusters } from './clusters.ts'
import { type Version, versions } from './server.ts'

const Seen = z.object({ upTo: z.number() })
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
  const jsm = await managerOf(await edge.opened)
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
  const memory = bucketIn(app, buckets.checkpoints)
  const onMain = async (filter: string) => eventsOn(await app.opened, filter)
  return {
    link: leaf.link,
    lost: () => looks.registry.getSingleMetricAsString('ops_bridge_leaf_lost_events_total'),
    async nextReplica() {
      await looks.stop()
      looks = replica('second')
    },
    /** One that does not know how far the one before was. */
    async nextWithoutMemory() {
      await looks.stop()
      await memory.put('leaves', '')
      looks = replica('third')
    },
    seenUpTo: async () => jsonAs(Seen, (await memory.get('leaves')).value ?? '')?.upTo,
    async post(from: number, to: number) {
      for (let n = from; n <= to; n++)
        await publish({ subject: 'ops.clusters.edge1.nodes.n1.events', payload: '{}', id: `event-${n}` })
    },
    arrived: async () => (await onMain('ops.clusters.edge1.nodes.>')).length,
    alerts: () => onMain(alerts),
    /** What the leaf's stream still holds, asked from here as the bridge may. */
    async firstThere() {
      const there = await managerOf(await main.opened, { domain: 'edge1' })
      return (await there.streams.info('ops')).state.first_seq
    },
  }
}

describe.each(versions)('a leaf cluster on %s whose buffer is full', version => {
  it('loses its oldest, and that is told as an event, by whichever replica looks', async () => {
    const { link, lost, nextReplica, nextWithoutMemory, seenUpTo, post, arrived, alerts, firstThere } =
      await smallLeaf(version)
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

    // Twenty, a hundred, and an alert lie before what follows the second gap.
    await nextWithoutMemory()
    await vi.waitFor(async () => expect(await seenUpTo()).toBeGreaterThanOrEqual(122), 30_000)
    expect(await lost()).toContain('{cluster="edge1"} 0')
  })
})
