import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { natsVersions, ownNats } from '../../servers.ts'
import { openRig, pause, until } from './rig.ts'
import { openSink } from './sink.ts'

async function sinkOf(reply?: Parameters<typeof openSink>[0]) {
  const sink = await openSink(reply)
  onTestFinished(sink.close)
  return sink
}

/** A message as no client library sends it. */
async function sendRaw(port: number, subject: string, head: string, payload: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const headers = `NATS/1.0\r\n${head}\r\n\r\n`
  const total = Buffer.byteLength(headers + payload)
  socket.write('CONNECT {"verbose":false,"headers":true}\r\n')
  socket.write(`HPUB ${subject} ${Buffer.byteLength(headers)} ${total}\r\n${headers}${payload}\r\nPING\r\n`)
  await new Promise<void>(resolve => socket.on('data', data => data.includes('PONG') && resolve()))
  socket.destroy()
}

describe.each(natsVersions)('the bridge at its limits over nats-server %s', async version => {
  const server = await ownNats(version)
  const rig = await openRig(server.url)

  it('survives headers that cannot be sent on', async () => {
    const sink = await sinkOf(() => event => (event.attempt ? 200 : { status: 503, retryAfter: 5.5 }))
    const head = [
      'ce-specversion: 1.0',
      'ce-id: lf',
      'ce-source: s',
      'ce-type: t',
      'ce-x: a\nb: c',
      'ce-y\tz: 1',
    ]
    await sendRaw(
      server.port,
      'ops.lf.o.events',
      head.join('\r\n'),
      JSON.stringify(rig.event('ops.lf.o.events', { id: 'lf' })),
    )
    const trigger = { filter: { subjects: ['ops.lf.>'] }, sink: { uri: sink.url }, own: true, batch: 5 }
    await rig.keep({ ...trigger, name: 'lf' })
    await until('the second attempt', () => sink.taken.size === 1)
    await rig.idle('lf-5', 'retries')
    expect(sink.calls.at(-1)?.events[0]).toMatchObject({ id: 'lf', attempt: 2 })
    await rig.publish([rig.event('ops.lf.o.events')])
    await until('the next', () => sink.calls.length > 2)
  })

  it('buries an event that its extensions make too large, and one that no dead letter holds', async () => {
    const sink = await sinkOf(() => () => 422)
    const limit = 1024 * 1024
    const event = rig.event('ops.large.o.events', { data: '' })
    const room = limit - Buffer.byteLength(JSON.stringify(event))
    const [nearly, quite] = [room - 600, room - 60].map(size =>
      JSON.stringify({ ...event, data: 'x'.repeat(size) }),
    )
    await rig.raw('ops.large.o.events', nearly ?? '')
    await rig.raw('ops.large.o.events', quite ?? '')
    const trigger = { filter: { subjects: ['ops.large.>'] }, sink: { uri: sink.url }, own: true, batch: 5 }
    await rig.keep({ ...trigger, name: 'large' })
    await rig.idle('large')
    const letters = await rig.deadLetters('large')
    const sizes = letters.map(({ text }) => text.length)
    expect(Math.min(...sizes)).toBe(0)
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(nearly?.length ?? 0)
    expect(letters.every(({ headers }) => headers?.get('Ops-Stream') === 'ops')).toBe(true)
  })

  if (version === 'current')
    it('keeps in hand what is too large to wait with its story elsewhere', async () => {
      const sink = await sinkOf(() => event => (event.attempt ? 200 : { status: 503, retryAfter: 6 }))
      const event = rig.event('ops.heavy.o.events', { data: '' })
      const size = 1024 * 1024 - Buffer.byteLength(JSON.stringify(event)) - 60
      await rig.raw('ops.heavy.o.events', JSON.stringify({ ...event, data: 'x'.repeat(size) }))
      const trigger = { filter: { subjects: ['ops.heavy.>'] }, sink: { uri: sink.url }, own: true, batch: 5 }
      await rig.keep({ ...trigger, name: 'heavy' })
      await until('the second attempt', () => sink.taken.size === 1)
      await rig.idle('heavy')
    })

  it('delivers what any of several filters wants, whatever the server makes of them', async () => {
    const sink = await sinkOf()
    const trigger = { name: 'several', sink: { uri: sink.url }, own: true, batch: 20 }
    const publish = (...names: string[]) => rig.publish(names.map(name => rig.event(`ops.several.${name}`)))
    const seen = () =>
      sink.calls.flatMap(({ events }) => events.map(({ subject }) => subject?.slice(12))).sort()
    const one = await rig.keep({ ...trigger, filter: { subjects: ['ops.several.a.*'] } })
    await publish('a.x', 'b.x', 'c.x')
    await until('the first', () => sink.taken.size === 1)
    await one.stop()
    const two = await rig.keep({ ...trigger, filter: { subjects: ['ops.several.a.*', 'ops.several.b.*'] } })
    await publish('a.y', 'b.y', 'c.y')
    await until('the second', () => sink.taken.size >= 3)
    await two.stop()
    // These overlap, and neither covers the other.
    const three = await rig.keep({ ...trigger, filter: { subjects: ['ops.several.*.z', 'ops.several.c.*'] } })
    await publish('a.z', 'c.z', 'c.q', 'b.q')
    await until('the third', () => sink.taken.size >= 6)
    await three.stop()
    const four = await rig.keep({ ...trigger, filter: { subjects: ['ops.several.*.z', 'ops.several.c.*'] } })
    await publish('b.z', 'b.q')
    await until('the fourth', () => sink.taken.size >= 7)
    await rig.idle('several')
    await four.stop()
    await (await rig.keep({ ...trigger, filter: { subjects: ['ops.several.a.*'] } })).stop()
    const all = seen()
    expect(all.filter(name => !['b.x', 'c.x', 'c.y'].includes(name ?? ''))).toEqual([
      'a.x',
      'a.y',
      'a.z',
      'b.y',
      'b.z',
      'c.q',
      'c.z',
    ])
    expect(all).not.toContain('b.q')
  })

  it('does not take from a work queue what it does not want', async () => {
    const sink = await sinkOf()
    const trigger = { sink: { uri: sink.url }, stream: 'deliveries' as const, own: true, batch: 5 }
    const keeping = rig.keep({
      ...trigger,
      name: 'queue',
      filter: { subjects: ['deliveries.a.*', 'deliveries.b.*'] },
    })
    void keeping.catch(() => {})
    await rig.raw('deliveries.a.x', JSON.stringify(rig.event('deliveries.a.x')))
    await rig.raw('deliveries.c.x', '{}')
    if (version === 'current') await until('its own', () => sink.taken.size === 1)
    else await pause(500)
    expect(await rig.count('deliveries', 'deliveries.c.>')).toBe(1)
  })

  if (version === 'current')
    it('ends a polite stop while its sink hangs and while the bus is away', async () => {
      const sink = await sinkOf(() => 'hang')
      await rig.publish([rig.event('ops.away.o.events')])
      const trigger = {
        name: 'away',
        filter: { subjects: ['ops.away.>'] },
        sink: { uri: sink.url },
        own: true,
        ordered: true,
      }
      const bridge = await rig.process([{ ...trigger, delivery: { timeout: 'PT3S' } }])
      await until('the request', () => sink.calls.length === 1)
      await server.kill('SIGSTOP')
      await bridge.kill('SIGTERM')
      expect(await bridge.exited).toBe('code 0')
      await server.kill('SIGCONT')
    }, 120_000)
})
