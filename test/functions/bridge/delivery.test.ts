import { HTTP } from 'cloudevents'
import { describe, expect, it, onTestFinished } from 'vitest'
import { retriesConsumer } from '../../../functions/bridge/consumers.ts'
import { randomOf } from '../../../infra/bench/random.ts'
import { delayClasses } from '../../../shared/retries.ts'
import { natsVersions, ownNats } from '../../servers.ts'
import { openRig, pause, until } from './rig.ts'
import { openSink, type Reply } from './sink.ts'

const quick = { backoffDelay: 'PT0.05S', backoffMax: 'PT0.2S', timeout: 'PT2S' }

async function sinkOf(reply?: Parameters<typeof openSink>[0], port?: number) {
  const sink = await openSink(reply, port)
  onTestFinished(sink.close)
  return sink
}

describe.each(natsVersions)('the bridge over nats-server %s', async version => {
  const server = await ownNats(version)
  const rig = await openRig(server.url)
  const events = (name: string, many: number, objects = 1) =>
    Array.from({ length: many }, (_, index) => rig.event(`ops.${name}.o${index % objects}.events`))

  it('delivers 5,000 events of 100 objects in order to a sink that fails at random', async () => {
    const random = randomOf(1)
    const open = new Map<string, number>()
    let together = 0
    const sink = await sinkOf(async ({ events: batch }): Promise<Reply> => {
      const objects = new Set(batch.map(event => String(event.subject)))
      for (const object of objects) {
        together = Math.max(together, (open.get(object) ?? 0) + 1)
        open.set(object, (open.get(object) ?? 0) + 1)
      }
      await pause(random() * 5)
      for (const object of objects) open.set(object, (open.get(object) ?? 0) - 1)
      const draw = random()
      if (draw < 0.03) return { status: 503 }
      if (draw < 0.06) return 'reset'
      if (draw < 0.09) return { status: 500 }
      // An object's events after one that has to come again have to come again too.
      const failed = new Set(batch.map(event => event.subject).filter(() => random() < 0.03))
      return event => (failed.has(event.subject) ? 503 : 200)
    })
    const sent = await rig.publish(events('random', 5_000, 100))
    const bridge = await rig.keep({
      name: 'random',
      filter: { subjects: ['ops.random.>'] },
      sink: { uri: sink.url },
      batch: 50,
      concurrency: 4,
      ordered: true,
      own: true,
      delivery: { ...quick, retry: 20 },
    })
    await rig.idle('random')
    expect(sink.taken.size).toBe(5_000)
    expect(together).toBe(1)
    for (let object = 0; object < 100; object++) {
      const mine = sent.filter((_, index) => index % 100 === object)
      const set = new Set(mine)
      expect([...sink.taken.keys()].filter(id => set.has(id))).toEqual(mine)
    }
    expect(await rig.deadLetters('random')).toEqual([])
    expect(await bridge.metric('delivered_events_total')).toBe(5_000)
    expect(await bridge.metric('in_flight_events')).toBe(0)
  })

  it.each(['reset', 'hang'] as const)('finds the one event of 200 on which the sink does a %s', async way => {
    const name = `poison-${way}`
    const batch = events(name, 200)
    const poison = batch[77]?.id
    const sink = await sinkOf(({ events: seen }) => (seen.some(({ id }) => id === poison) ? way : () => 200))
    await rig.publish(batch)
    await rig.keep({
      name,
      filter: { subjects: [`ops.${name}.>`] },
      sink: { uri: sink.url },
      batch: 50,
      concurrency: 4,
      own: true,
      delivery: { ...quick, timeout: 'PT1S', retry: 2 },
    })
    await rig.idle(name)
    expect(sink.taken.size).toBe(199)
    const [letter, ...others] = await rig.deadLetters(name)
    expect(others).toEqual([])
    expect(JSON.parse(letter?.text ?? '')).toMatchObject({
      id: poison,
      knativeerrordest: new URL(sink.url).origin,
      knativeerrordata: expect.stringContaining('did not answer'),
    })
    expect(letter?.headers?.get('Ops-Attempts')).toBe('3')
    expect(Number(letter?.headers?.get('Ops-Last-Time'))).toBeGreaterThan(
      Number(letter?.headers?.get('Ops-First-Time')),
    )
    expect(letter?.headers?.get('Ops-Subject')).toBe(`ops.${name}.o0.events`)
  })

  it('reads every row for itself: refused, again after a while, given up', async () => {
    const [bad, later, never, good] = events('rows', 4)
    const sink = await sinkOf(() => event => {
      if (event.id === bad?.id) return { status: 422, reason: 'it has no host' }
      if (event.id === later?.id && event.attempt === undefined) return { status: 503, retryAfter: 0.7 }
      return event.id === never?.id ? { status: 503, reason: 'never' } : 200
    })
    await rig.publish([bad, later, never, good].flatMap(event => event ?? []))
    const bridge = await rig.keep({
      name: 'rows',
      filter: { subjects: ['ops.rows.>'] },
      sink: { uri: sink.url },
      batch: 10,
      own: true,
      delivery: { ...quick, retry: 2 },
    })
    await rig.idle('rows')
    const timesOf = (id = '') =>
      sink.calls.filter(call => call.events.some(event => event.id === id)).map(({ at }) => at)
    expect(timesOf(bad?.id)).toHaveLength(1)
    expect(timesOf(never?.id)).toHaveLength(3)
    const [first = 0, second = 0] = timesOf(later?.id)
    expect(second - first).toBeGreaterThan(690)
    expect([...sink.taken.keys()].sort()).toEqual([later?.id, good?.id].sort())
    const letters = await rig.deadLetters('rows')
    expect(letters.map(({ text }) => JSON.parse(text).knativeerrordata).sort()).toEqual([
      'it has no host',
      'never',
    ])
    expect(await bridge.metric('deadlettered_events_total')).toBe(2)
  })

  it('lets a long wait out of the consumer, and brings it back when the sink asked for it', async () => {
    const sink = await sinkOf(
      () => event => (event.attempt === undefined ? { status: 503, retryAfter: 6 } : 200),
    )
    await rig.publish(events('long', 3))
    await rig.keep({
      name: 'long',
      filter: { subjects: ['ops.long.>'] },
      sink: { uri: sink.url },
      batch: 10,
      own: true,
    })
    await until('the first attempt', () => sink.calls.length > 0)
    await rig.idle('long')
    expect(sink.taken.size).toBe(0)
    expect(await rig.count('retries', 'retries.long.5.>')).toBe(3)
    await until('the second attempt', () => sink.taken.size === 3)
    const [first, second] = sink.calls
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(5_990)
    await rig.idle('long-5', 'retries')
    expect(await rig.count('retries', 'retries.long.>')).toBe(0)
  })

  it('keeps one dead sink from holding up another trigger', async () => {
    const dead = await sinkOf(() => 'hang')
    const alive = await sinkOf()
    const common = {
      filter: { subjects: ['ops.two.>'] },
      batch: 10,
      concurrency: 2,
      delivery: { timeout: 'PT60S' },
    }
    await rig.keep({ ...common, name: 'two-dead', sink: { uri: dead.url } })
    await rig.keep({ ...common, name: 'two-alive', sink: { uri: alive.url }, own: true })
    await rig.publish(events('two', 500, 5))
    await until('the living sink to have all', () => alive.taken.size === 500)
    // What hangs is closed first: a polite stop waits for it.
    await dead.close()
  })

  it('loses and counts nothing while a function of ours refuses connections', async () => {
    const gone = await openSink()
    const port = Number(new URL(gone.url).port)
    await gone.close()
    await rig.publish(events('refused', 120))
    const trigger = {
      filter: { subjects: ['ops.refused.>'] },
      sink: { uri: gone.url },
      delivery: { ...quick, retry: 1 },
    }
    await rig.keep({ ...trigger, name: 'refused-own', own: true, batch: 50 })
    await rig.keep({ ...trigger, name: 'refused-single', batch: 1 })
    await until(
      'the other one to be given up',
      async () => (await rig.deadLetters('refused-single')).length === 120,
    )
    const back = await sinkOf(undefined, port)
    await until('ours to be delivered', () => back.taken.size === 120)
    expect(await rig.deadLetters('refused-own')).toEqual([])
    expect(back.calls.flatMap(call => call.events).some(event => event.attempt !== undefined)).toBe(false)
  })

  if (version === 'current')
    it('pauses, tells and buries nothing when its own function does not accept the token', async () => {
      let accepts = false
      const sink = await sinkOf(() =>
        accepts ? () => 200 : { status: 401, body: '{"message":"wrong token"}' },
      )
      await rig.publish(events('broken', 20))
      const bridge = await rig.keep({
        name: 'broken',
        filter: { subjects: ['ops.broken.>'] },
        sink: { uri: sink.url },
        own: true,
        batch: 10,
      })
      await until('the gauge', async () => (await bridge.metric('trigger_broken')) === 1)
      expect(sink.calls).toHaveLength(1)
      expect(sink.calls[0]?.headers.authorization).toMatch(/^Bearer /)
      accepts = true
      await until('all to be delivered', () => sink.taken.size === 20)
      expect(await bridge.metric('trigger_broken')).toBe(0)
      expect(await rig.deadLetters('broken')).toEqual([])
    })

  if (version === 'current')
    it('waits for a function that takes longer to wake than a lease lasts, and asks once for each event', async () => {
      const sink = await sinkOf(async () => {
        await pause(9_000)
        return () => 200
      })
      await rig.publish(events('cold', 10))
      await rig.keep({
        name: 'cold',
        filter: { subjects: ['ops.cold.>'] },
        sink: { uri: sink.url },
        own: true,
        batch: 10,
      })
      await until('the answer', () => sink.taken.size === 10)
      await rig.idle('cold')
      // Servers may hand out the ten in two parts.
      expect(sink.calls.flatMap(call => call.events)).toHaveLength(10)
      expect((await rig.consumer('cold')).delivered.consumer_seq).toBe(10)
    })

  it('acknowledges what no hook covers without a request', async () => {
    const sink = await sinkOf()
    await rig.publish(events('covered', 50, 10))
    const bridge = await rig.keep(
      {
        name: 'covered',
        filter: { subjects: ['ops.covered.>'] },
        sink: { uri: sink.url },
        own: true,
        batch: 10,
        covers: 'hooks',
      },
      { covered: subject => subject.includes('.o3.') },
    )
    await rig.idle('covered')
    expect(sink.taken.size).toBe(5)
    expect(await bridge.metric('uncovered_events_total')).toBe(45)
  })

  it.each([1, 10])('lets quiet events wake nobody and takes them along, in batches of %i', async batch => {
    const name = `quiet${batch}`
    const sink = await sinkOf()
    await rig.publish(events(name, 5))
    const { metric } = await rig.keep(
      { name, filter: { subjects: [`ops.${name}.>`] }, sink: { uri: sink.url }, own: true, batch },
      { quiet: subject => subject.includes('.o0.') },
    )
    await until('them to be taken', async () => (await rig.consumer(name)).num_ack_pending === 5)
    await until('them to be counted', async () => (await metric('quiet_events')) === 5)
    expect(sink.calls).toEqual([])
    await rig.publish([rig.event(`ops.${name}.loud.events`)])
    await until('all', () => sink.taken.size === 6)
    await rig.idle(name)
    await until('none to be counted', async () => (await metric('quiet_events')) === 0)
  })

  it('sends single events in binary mode, and honours Retry-After in seconds and as a date', async () => {
    const date = new Date(Date.now() + 3_000).toUTCString()
    const asked: Record<string, string> = { plain: '1', 'dated "ü"': date }
    const seen = new Map<string, number>()
    const sink = await sinkOf(call => {
      const read = HTTP.toEvent({ headers: call.headers, body: call.body || undefined })
      const { id, from } = read as unknown as { id: string; from: string }
      const times = (seen.get(id) ?? 0) + 1
      seen.set(id, times)
      const after = asked[decodeURIComponent(from)]
      return times === 1 && after ? { status: 429, headers: { 'retry-after': after } } : { status: 204 }
    })
    const made = ['plain', 'dated "ü"', 'at once'].map(from =>
      rig.event('ops.single.o.events', { from, data: { some: 'ü' }, hops: 3 }),
    )
    await rig.publish(made)
    await rig.keep({
      name: 'single',
      filter: { subjects: ['ops.single.>'] },
      sink: { uri: sink.url },
      delivery: quick,
    })
    await until('all', () => sink.taken.size === 3)
    for (const [index, event] of made.entries()) {
      const [call] = sink.calls.filter(({ headers }) => headers['ce-id'] === event.id)
      expect(call?.headers).toMatchObject({
        'ce-specversion': '1.0',
        'ce-source': 'test',
        'ce-hops': '3',
        'content-type': 'application/json',
        'ce-from': encodeURIComponent(['plain', 'dated "ü"', 'at once'][index] ?? ''),
      })
      expect(call?.headers['ce-datacontenttype']).toBeUndefined()
      expect(JSON.parse(call?.body ?? '')).toEqual({ some: 'ü' })
    }
    const timesOf = (index: number) =>
      sink.calls.filter(call => call.headers['ce-id'] === made[index]?.id).map(({ at }) => at)
    const [first = 0, second = 0] = timesOf(0)
    expect(second - first).toBeGreaterThan(990)
    const [, again = 0] = timesOf(1)
    expect(performance.timeOrigin + again).toBeGreaterThan(Date.parse(date) - 10)
  })

  it('brings binary messages and those without headers to the sink as CloudEvents', async () => {
    const sink = await sinkOf()
    const head = {
      'ce-specversion': '1.0',
      'ce-id': 'b1',
      'ce-source': 's',
      'ce-type': 't',
      'ce-subject': 'a%20b',
    }
    await rig.raw('ops.modes.o.events', '{"x":1}', head)
    await rig.raw('ops.modes.o.events', '123', { ...head, 'ce-id': 'b2', 'ce-datacontenttype': 'text/plain' })
    await rig.raw('ops.modes.o.events', JSON.stringify(rig.event('ops.modes.o.events', { id: 'old' })))
    await rig.keep({
      name: 'modes',
      filter: { subjects: ['ops.modes.>'] },
      sink: { uri: sink.url },
      own: true,
      batch: 10,
    })
    await until('all', () => sink.taken.size === 3)
    const seen = sink.calls.flatMap(call => call.events)
    expect(seen.find(({ id }) => id === 'b1')).toMatchObject({ subject: 'a b', data: { x: 1 } })
    expect(seen.find(({ id }) => id === 'b2')).toMatchObject({ data: '123' })
    expect(seen.find(({ id }) => id === 'old')).toMatchObject({ type: 'Default' })
  })

  it('buries what is not one JSON document alone, and delivers its neighbours', async () => {
    const sink = await sinkOf(({ body }) => {
      try {
        JSON.parse(body)
        return ({ id }) => (id ? 200 : 422)
      } catch {
        return { status: 400, body: '{"message":"no JSON"}' }
      }
    })
    const around = events('junk', 20)
    await rig.publish(around.slice(0, 10))
    const junk = ['not json', '{},{}', '{"x":[{}', '{}]},{},{}', '']
    for (const text of junk) await rig.raw('ops.junk.o0.events', text)
    await rig.publish(around.slice(10))
    await rig.keep({
      name: 'junk',
      filter: { subjects: ['ops.junk.>'] },
      sink: { uri: sink.url },
      own: true,
      batch: 50,
      delivery: { ...quick, retry: 2 },
    })
    await rig.idle('junk')
    expect(sink.taken.size).toBe(20)
    expect((await rig.deadLetters('junk')).map(({ text }) => text).sort()).toEqual([...junk].sort())
  })

  if (version === 'current') {
    it('goes on where it was when its consumer is deleted by hand', async () => {
      const sink = await sinkOf()
      const trigger = {
        name: 'deleted',
        filter: { subjects: ['ops.deleted.>'] },
        sink: { uri: sink.url },
        own: true,
        batch: 10,
      }
      await rig.keep({ ...trigger, deliverPolicy: 'new' })
      await rig.publish(events('deleted', 30))
      await until('the first', () => sink.taken.size === 30)
      await pause(5_500)
      await rig.jsm.consumers.delete('ops', 'deleted')
      await rig.publish(events('deleted', 30))
      await until('the others', () => sink.taken.size === 60)
    }, 40_000)

    it('looks after its consumers once for all that are gone', async () => {
      const sink = await sinkOf()
      const warned: string[] = []
      const log = {
        debug() {},
        info() {},
        warn: (_: object, text: string) => void warned.push(text),
        error() {},
      }
      const trigger = {
        name: 'mended',
        filter: { subjects: ['ops.mended.>'] },
        sink: { uri: sink.url },
        own: true,
      }
      await rig.keep(trigger, { log })
      const gone = delayClasses.map(seconds => ['retries', retriesConsumer('mended', seconds)] as const)
      for (const [stream, name] of [['ops', 'mended'] as const, ...gone])
        await rig.jsm.consumers.delete(stream, name)
      await until('each to be back', async () => {
        const back = await Promise.all(
          gone.map(([stream, name]) => rig.consumer(name, stream).catch(() => null)),
        )
        return !back.includes(null)
      })
      await rig.publish(events('mended', 30))
      await until('all', () => sink.taken.size === 30)
      expect(warned.length).toBeGreaterThan(0)
      // A slow server tells of the last one when the first are back.
      expect(warned.length).toBeLessThan(4)
    }, 40_000)
  }
})
