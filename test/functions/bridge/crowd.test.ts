import { describe, expect, it, onTestFinished } from 'vitest'
import { natsVersions, ownNats } from '../../servers.ts'
import { openRig, type TriggerInput, until } from './rig.ts'
import { type Call, openSink, type Reply } from './sink.ts'

async function sinkOf(reply?: Parameters<typeof openSink>[0]) {
  const sink = await openSink(reply)
  onTestFinished(sink.close)
  return sink
}

const hookOf = (call: Call) => call.events[0]?.subject ?? ''

describe.each(natsVersions)('hooks that share a bridge over nats-server %s', async version => {
  const server = await ownNats(version)
  const rig = await openRig(server.url)
  const deliveries = (name: string, hook: string, many: number) =>
    Array.from({ length: many }, () => rig.event(`deliveries.${name}.${hook}`))
  const triggerOf = (name: string, uri: string, delivery: TriggerInput['delivery'] = {}): TriggerInput => ({
    name,
    stream: 'deliveries',
    filter: { subjects: [`deliveries.${name}.>`] },
    sink: { uri },
    delivery,
    batch: 10,
    concurrency: 8,
    groupBy: 'subject',
    own: true,
  })

  /** A sink that answers for hook `slow` only when told to. */
  async function gated() {
    const gate = Promise.withResolvers<void>()
    const sink = await sinkOf(async (call): Promise<Reply> => {
      if (hookOf(call).endsWith('.slow')) await gate.promise
      return () => 200
    })
    onTestFinished(() => gate.resolve())
    return { sink, open: gate.resolve }
  }

  it('go on while one of them hangs with more than all places, and that one keeps its order', async () => {
    const { sink, open } = await gated()
    await rig.keep(triggerOf('aside', sink.url))
    const slow = await rig.publish(deliveries('aside', 'slow', 1_000))
    const others = ['a', 'b', 'c'].flatMap(hook => deliveries('aside', hook, 20))
    await rig.publish(others)
    await until('the others to be delivered', () => sink.taken.size === others.length)
    expect(await rig.count('retries', 'retries.aside.side.aside.slow')).toBeGreaterThan(500)
    const late = await rig.publish(deliveries('aside', 'slow', 50))
    open()
    await until('the slow one to be delivered', () => sink.taken.size === 1_050 + others.length)
    const ids = new Set([...slow, ...late])
    expect(sink.order.filter(id => ids.has(id))).toEqual([...ids])
    await rig.idle('aside', 'deliveries')
    await until('nothing to be left', async () => (await rig.count('retries', 'retries.aside.>')) === 0)
    expect(await rig.deadLetters('aside')).toEqual([])
  })

  it('get what waits aside from the next bridge when theirs is killed', async () => {
    const { sink, open } = await gated()
    const one = await rig.process([triggerOf('killed', sink.url)])
    await rig.publish(deliveries('killed', 'slow', 600))
    await rig.publish(deliveries('killed', 'a', 10))
    await until('the other to be delivered', () => sink.taken.size === 10)
    await one.kill()
    expect(await rig.count('retries', 'retries.killed.side.>')).toBeGreaterThan(100)
    open()
    await rig.keep(triggerOf('killed', sink.url))
    await until('all to be delivered', () => sink.taken.size === 610)
    await until('nothing to be left', async () => (await rig.count('retries', 'retries.killed.>')) === 0)
  })

  it('lose nothing that waits aside when one of two bridges is killed', async () => {
    const { sink, open } = await gated()
    const trigger = triggerOf('two', sink.url)
    const [one, two] = await Promise.all([rig.process([trigger]), rig.process([trigger])])
    await rig.publish(deliveries('two', 'slow', 1_000))
    await rig.publish(deliveries('two', 'a', 10))
    await until('the other to be delivered', () => sink.taken.size === 10)
    await one.kill()
    await rig.publish(deliveries('two', 'slow', 100))
    open()
    await until('all to be delivered', () => sink.taken.size === 1_110)
    await until('nothing to be left', async () => (await rig.count('retries', 'retries.two.>')) === 0)
    await rig.idle('two', 'deliveries')
    await two.kill()
  })

  it('do not wait for one alone that has too much: it stays in the bridge', async () => {
    const { sink, open } = await gated()
    await rig.keep(triggerOf('alone', sink.url))
    await rig.publish(deliveries('alone', 'slow', 1_000))
    await until('the bridge to be full', async () => {
      return (await rig.consumer('alone', 'deliveries')).num_ack_pending >= 320
    })
    open()
    await rig.idle('alone', 'deliveries')
    expect(sink.taken.size).toBe(1_000)
    for await (const { name } of rig.jsm.consumers.list('retries')) expect(name).not.toContain('alone-side')
  })

  it('find places at the sink while more of them hang than there are', async () => {
    const gate = Promise.withResolvers<void>()
    const sink = await sinkOf(async (call): Promise<Reply> => {
      if (hookOf(call).includes('.dead')) await gate.promise
      return () => 200
    })
    onTestFinished(() => gate.resolve())
    await rig.keep({ ...triggerOf('places', sink.url), concurrency: 3 })
    await rig.publish([1, 2, 3, 4].flatMap(each => deliveries('places', `dead${each}`, 2)))
    await rig.publish(deliveries('places', 'a', 20))
    await until('the other to be delivered', () => sink.taken.size === 20)
    gate.resolve()
    await until('all to be delivered', () => sink.taken.size === 28)
  })

  it('fill the queue of all with no more than their backlog', async () => {
    const failing = { status: 503, reason: 'x is away', retryAfter: 60 }
    const sink = await sinkOf(() => event => (event.subject?.endsWith('.dead') ? failing : 200))
    const trigger = triggerOf('backlog', sink.url, { backoffPolicy: 'ladder', backlog: 5 })
    const one = await rig.keep(trigger)
    await rig.publish([...deliveries('backlog', 'dead', 20), ...deliveries('backlog', 'a', 20)])
    await rig.idle('backlog', 'deliveries')
    expect(sink.taken.size).toBe(20)
    expect(await rig.count('retries', 'retries.backlog.*.backlog.dead')).toBe(5)
    const reasons = async () =>
      (await rig.deadLetters('backlog')).map(({ headers }) => headers?.get('Ops-Reason'))
    const full = expect.stringMatching(/^backlog full: 5 deliveries wait for this hook( \(x is away\))?$/)
    expect(await reasons()).toEqual(Array(15).fill(full))
    // Another bridge knows it from the stream.
    await one.stop()
    await rig.keep(trigger)
    await rig.publish([...deliveries('backlog', 'dead', 3), ...deliveries('backlog', 'a', 1)])
    await rig.idle('backlog', 'deliveries')
    expect(await reasons()).toHaveLength(18)
    expect(sink.taken.size).toBe(21)
  })

  it('are tried for the last time at their age, however long the receiver asks to wait', async () => {
    const sink = await sinkOf(() => () => ({ status: 503, reason: 'x is away', retryAfter: 3600 }))
    await rig.keep(triggerOf('aged', sink.url, { backoffPolicy: 'ladder', maxAge: 'PT2S', retry: 100 }))
    await rig.publish(deliveries('aged', 'a', 1))
    await until('it to be given up', async () => (await rig.deadLetters('aged')).length === 1)
    const [letter] = await rig.deadLetters('aged')
    // Two seconds and what a busy machine takes for itself.
    expect(letter?.headers?.get('Ops-Reason')).toMatch(/^gave up after \d+s: x is away$/)
    expect(letter?.headers?.get('Ops-Attempts')).toBe('2')
    const [first, second, ...more] = sink.calls
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(1_900)
    expect(more).toEqual([])
  })

  it('wait longer and longer while nothing is attempted, which counts as no attempt but not for ever', async () => {
    const sink = await sinkOf(() => () => ({ status: 503, reason: 'circuit open', attempted: false }))
    const delivery = { retry: 1, backoffDelay: 'PT0.1S', maxAge: 'PT3S' }
    await rig.keep(triggerOf('open', sink.url, delivery))
    await rig.publish(deliveries('open', 'a', 1))
    await until('it to be given up', async () => (await rig.deadLetters('open')).length === 1)
    const [letter] = await rig.deadLetters('open')
    expect(letter?.headers?.get('Ops-Reason')).toBe('gave up after 3s: circuit open')
    expect(letter?.headers?.get('Ops-Attempts')).toBe('0')
    expect(sink.calls.length).toBeGreaterThan(2)
    expect(sink.calls.length).toBeLessThan(20)
    expect(sink.calls.some(({ events }) => events[0]?.attempt !== undefined)).toBe(false)
  })
})
