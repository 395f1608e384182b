import { DiscardPolicy, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { natsOfTry, natsVersions, ownNats } from '../../servers.ts'
import { openRig, pause, until } from './rig.ts'
import { openSink } from './sink.ts'

async function sinkOf(reply?: Parameters<typeof openSink>[0]) {
  const sink = await openSink(reply)
  onTestFinished(sink.close)
  return sink
}

/** It answers nothing until it is let go. */
async function hangingSink() {
  let hangs = true
  const sink = await sinkOf(async () => {
    while (hangs) await pause(50)
    return () => 200
  })
  const letGo = () => {
    hangs = false
  }
  return { sink, letGo }
}

/** A bus whose stream has room for a few hundred events. */
async function smallRig(version: Parameters<typeof natsOfTry>[0]) {
  const server = await natsOfTry(version)
  const nc = await connect({ servers: server.url })
  const limits = { max_bytes: 100_000, discard: DiscardPolicy.Old, duplicate_window: 120_000_000_000 }
  await (await jetstreamManager(nc)).streams.add({ name: 'ops', subjects: ['ops.>'], ...limits })
  await nc.close()
  return openRig(server.url, onTestFinished)
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

describe('a stream that overflows', () => {
  it.each(natsVersions)(
    'tells once what was thrown away before the trigger had it (nats-server %s)',
    async version => {
      const rig = await smallRig(version)
      const { sink, letGo } = await hangingSink()
      const looksEvery = 500
      const bridge = await rig.keep(
        {
          ...{ name: 'over', filter: { subjects: ['ops.>'] }, sink: { uri: sink.url } },
          ...{ batch: 5, concurrency: 1, own: true },
        },
        { looksEvery },
      )
      const lost = () => bridge.metric('lost_events_total')
      await rig.publish(
        Array.from({ length: 1_000 }, () => rig.event('ops.over.o.events', { data: 'x'.repeat(300) })),
      )
      await until('the loss to be counted', async () => (await lost()) > 0)
      letGo()
      // What tells a loss may itself push something out: that is told too.
      await until('all that was lost to be told', async () => {
        await rig.idle('over')
        const { state } = await rig.jsm.streams.info('ops')
        return sink.taken.size + (await lost()) === state.last_seq
      })
      // And nothing twice: not with the next looks either.
      await pause(4 * looksEvery)
      await rig.idle('over')
      const { state } = await rig.jsm.streams.info('ops')
      expect(await lost()).toBe(state.last_seq - sink.taken.size)
      const told = sink.calls
        .flatMap(({ events }) => events)
        .filter(({ subject }) => subject?.endsWith('.streams.ops.alerts'))
        .map(({ data }) => data as { events: number; from: number; to: number })
      expect(told.length).toBeGreaterThan(0)
      const ofAll = told.reduce((sum, { events }) => sum + events, 0)
      expect(ofAll).toBeLessThanOrEqual(await lost())
    },
    120_000,
  )

  it.each(natsVersions)(
    'counts nothing as lost that a filter leaves out (nats-server %s)',
    async version => {
      const rig = await smallRig(version)
      const { sink, letGo } = await hangingSink()
      const looksEvery = 200
      const bridge = await rig.keep(
        {
          ...{ name: 'few', filter: { subjects: ['ops.few.>'] }, sink: { uri: sink.url } },
          ...{ concurrency: 1, own: true },
        },
        { looksEvery },
      )
      // One is in hand all the while, so that nothing else is asked for.
      await rig.publish([rig.event('ops.few.o.events')])
      await until('the call', () => sink.calls.length === 1)
      for (let round = 1; round <= 3; round++) {
        await rig.publish(
          Array.from({ length: 500 }, () => rig.event('ops.many.o.events', { data: 'x'.repeat(300) })),
        )
        await pause(3 * looksEvery)
      }
      letGo()
      await until('the answer', () => sink.taken.size === 1)
      await rig.idle('few')
      await pause(3 * looksEvery)
      expect(await bridge.metric('lost_events_total')).toBe(0)
    },
    120_000,
  )
})
