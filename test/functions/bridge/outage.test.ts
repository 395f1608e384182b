import { DiscardPolicy, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { natsVersions, ownNats } from '../../servers.ts'
import { openRig, pause, until } from './rig.ts'
import { openSink } from './sink.ts'

async function sinkOf(reply?: Parameters<typeof openSink>[0]) {
  const sink = await openSink(reply)
  onTestFinished(sink.close)
  return sink
}

describe.each(natsVersions)('a bridge and an outage of nats-server %s', async version => {
  const server = await ownNats(version)
  const rig = await openRig(server.url)

  it.each([false, true])(
    'loses nothing when the server is killed and comes back (ordered: %s)',
    async ordered => {
      const name = `outage-${ordered}`
      const sink = await sinkOf(async () => {
        await pause(20)
        return () => 200
      })
      const sent = Array.from({ length: 3_000 }, (_, index) => rig.event(`ops.${name}.o${index % 50}.events`))
      await rig.keep({
        ...{ name, filter: { subjects: [`ops.${name}.>`] }, sink: { uri: sink.url } },
        ...{ batch: 10, concurrency: 4, own: true, ordered },
      })
      await rig.publish(sent)
      await until('some to be delivered', () => sink.taken.size > 300)
      await server.restart()
      const before = sink.taken.size
      const at = performance.now()
      await until('more to be delivered', () => sink.taken.size > before + 100)
      expect(performance.now() - at).toBeLessThan(40_000)
      await until('all to be delivered', () => sink.taken.size === sent.length)
      await rig.idle(name)
      if (!ordered) return
      const taken = [...sink.taken.keys()]
      for (let object = 0; object < 50; object++) {
        const mine = new Set(sent.filter((_, index) => index % 50 === object).map(({ id }) => id))
        expect(taken.filter(id => mine.has(id))).toEqual([...mine])
      }
    },
    120_000,
  )

  if (version === 'current')
    it('does not send again what it has in hand when the lease ran out while the server was away', async () => {
      const sink = await sinkOf(async () => {
        await pause(10_000)
        return () => 200
      })
      await rig.publish(Array.from({ length: 5 }, () => rig.event('ops.frozen.o.events')))
      await rig.keep({
        ...{ name: 'frozen', filter: { subjects: ['ops.frozen.>'] }, sink: { uri: sink.url } },
        ...{ batch: 10, own: true },
      })
      await until('the request', () => sink.calls.length === 1)
      await server.kill()
      await pause(6_500)
      await server.restart()
      await until('the answer', () => sink.taken.size === 5)
      await rig.idle('frozen')
      expect(sink.calls).toHaveLength(1)
    }, 120_000)
})

describe.each(natsVersions)('a stream that overflows on nats-server %s', async version => {
  const server = await ownNats(version)

  it('tells once what was thrown away before the trigger had it', async () => {
    const nc = await connect({ servers: server.url })
    const limits = { max_bytes: 100_000, discard: DiscardPolicy.Old, duplicate_window: 120_000_000_000 }
    await (await jetstreamManager(nc)).streams.add({ name: 'ops', subjects: ['ops.>'], ...limits })
    await nc.close()
    const rig = await openRig(server.url)
    let hanging = true
    const sink = await sinkOf(async () => {
      while (hanging) await pause(50)
      return () => 200
    })
    const bridge = await rig.keep({
      ...{ name: 'over', filter: { subjects: ['ops.>'] }, sink: { uri: sink.url } },
      ...{ batch: 5, concurrency: 1, own: true },
    })
    await rig.publish(
      Array.from({ length: 1_000 }, () => rig.event('ops.over.o.events', { data: 'x'.repeat(300) })),
    )
    await until('the loss to be counted', async () => (await bridge.metric('lost_events_total')) > 0)
    hanging = false
    await rig.idle('over')
    await pause(5_500)
    await rig.idle('over')
    const told = sink.calls
      .flatMap(({ events }) => events)
      .filter(({ subject }) => subject?.endsWith('.streams.ops.alerts'))
      .map(({ data }) => data as { events: number; from: number; to: number })
    const { state } = await rig.jsm.streams.info('ops')
    expect(await bridge.metric('lost_events_total')).toBe(state.last_seq - sink.taken.size)
    expect(told.length).toBeGreaterThan(0)
    // What tells a loss may itself push something out: that is told too, and nothing twice.
    for (const [index, { from }] of told.entries()) expect(from).toBeGreaterThan(told[index - 1]?.to ?? 0)
  }, 120_000)
})
