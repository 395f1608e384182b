import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ledgerReader } from '../../../../shared/adapters/ledger.ts'
import type { Publisher } from '../../../../shared/adapters/publisher.ts'
import { balance } from '../../../../shared/ledger.ts'
import { natsVersions, ownNats } from '../../../servers.ts'
import { openRig, until } from '../rig.ts'
import { openSink } from '../sink.ts'
import { counting, hookOf } from './books.ts'

async function sinkOf(reply: Parameters<typeof openSink>[0]) {
  const sink = await openSink(reply)
  onTestFinished(sink.close)
  return sink
}

/** Stands between a bridge and the journal: `before` and `after` an entry is written, as it would stop there. */
const stopsAt =
  (point: { before?: () => Promise<void>; after?: () => Promise<void> }) =>
  (publish: Publisher['publish']): Publisher['publish'] =>
  async message => {
    if (!message.subject.startsWith('journal.')) return publish(message)
    await point.before?.()
    const ack = await publish(message)
    await point.after?.()
    return ack
  }

describe.each(natsVersions)('the ledger over nats-server %s', async version => {
  const server = await ownNats(version)
  const rig = await openRig(server.url)
  const reader = ledgerReader(rig.nats)
  const countsOf = async (id: string) => (await reader.read()).hooks.get(id)?.counts
  const has = (id: string, counts: object) =>
    vi.waitFor(async () => expect(await countsOf(id)).toEqual(counts), { timeout: 25_000, interval: 50 })
  /** What is in the journal of a trigger. */
  const received = async (name: string): Promise<number> => {
    const entries = await rig.messages('journal', `journal.${name}`)
    return entries.reduce((sum, { text }) => sum + JSON.parse(text).received, 0)
  }
  const judge = (name: string, uri: string) => ({
    name,
    filter: { subjects: [`ops.${name}.>`] },
    sink: { uri },
    covers: 'hooks' as const,
  })
  const events = (name: string, many: number) =>
    Array.from({ length: many }, (_, index) => rig.event(`ops.${name}.o${index % 7}.events`))

  it('has what the function said of each event, and what each pattern received', async () => {
    const sink = await sinkOf(() => ({ subject = '' }) => ({
      status: 200,
      ...(subject.includes('.o1.') && {
        tally: { 'n/a': { matched: 1, queued: 1 }, 'n/b': { matched: 1, dedup: 1 } },
      }),
    }))
    const patterns = ['ops.judged.*.events', 'ops.judged.o1.>', 'ops.judged.*.events']
    const hooks = patterns.map((pattern, index) => hookOf(`n/h${index}`, pattern))
    const before = (await reader.read()).received
    const bridge = await counting(rig, judge('judged', sink.url), { hooks })
    await rig.publish(events('judged', 70))
    await has('n/a', { matched: 10, queued: 10 })
    const { hooks: lines, patterns: received, ...all } = await reader.read()
    expect(lines.get('n/b')?.counts).toEqual({ matched: 10, dedup: 10 })
    expect(lines.get('n/b')?.lastMatched).toBeGreaterThan(Date.now() - 60_000)
    expect([...received].sort()).toEqual([
      ['ops.judged.*.events', 70],
      ['ops.judged.o1.>', 10],
    ])
    expect(all.received - before).toBe(70)
    expect(balance(all.counts, 10)).toEqual({ matched: 0, queued: 0 })
    await rig.idle('judged')
    expect(await bridge.page()).toContain('ops_events_total{outcome="received"} 70\n')
  })

  it('counts a delivery that is buried as dead, and says why', async () => {
    const sink = await sinkOf(
      () =>
        ({ hook }) =>
          hook === 'n/bad'
            ? { status: 422, reason: 'no such token=abcdefgh' }
            : { status: 200, tally: { 'n/good': { delivered: 1 } } },
    )
    await counting(rig, {
      name: 'webhook-deliver',
      stream: 'deliveries',
      filter: { subjects: ['deliveries.>'] },
      sink: { uri: sink.url },
      groupBy: 'subject',
    })
    await rig.publish([
      ...Array.from({ length: 3 }, () => rig.event('deliveries.n.bad', { hook: 'n/bad' })),
      ...Array.from({ length: 4 }, () => rig.event('deliveries.n.good', { hook: 'n/good' })),
      rig.event('deliveries.n.good', { hook: 'n/good', replayid: 'r1' }),
    ])
    await has('n/good', { delivered: 5, notices: 1, queued: 1 })
    await has('n/bad', { dead: 3 })
    const line = (await reader.read()).hooks.get('n/bad')
    expect(line?.lastError).toEqual({ at: expect.any(Number), reason: 'no such token=…' })
  })

  it('counts once, and sends no more, what a bridge had counted that died before it acknowledged', async () => {
    const sink = await sinkOf(() => () => ({ status: 200, tally: { 'n/c': { matched: 1, queued: 1 } } }))
    const { promise: end, resolve } = Promise.withResolvers<void>()
    onTestFinished(() => resolve())
    const first = await counting(rig, judge('dies-after', sink.url), {
      journal: stopsAt({ after: () => end }),
    })
    await rig.publish(events('dies-after', 20))
    await until('the entry', async () => (await received('dies-after')) > 0)
    await until('the answers', () => sink.taken.size === 20)
    const written = await received('dies-after')
    void first.stop()
    await counting(rig, judge('dies-after', sink.url))
    await rig.idle('dies-after')
    expect([...sink.taken.values()].filter(times => times > 1)).toHaveLength(20 - written)
    resolve()
    await has('n/c', { matched: 20, queued: 20 })
  })

  it('counts once what comes again before it was counted, also when the first one wakes up late', async () => {
    const sink = await sinkOf(() => () => ({ status: 200, tally: { 'n/d': { matched: 1, queued: 1 } } }))
    const { promise: late, resolve } = Promise.withResolvers<void>()
    onTestFinished(() => resolve())
    const first = await counting(rig, judge('dies-before', sink.url), {
      journal: stopsAt({ before: () => late }),
    })
    const sent = await rig.publish(events('dies-before', 10))
    await until('the answers', () => sink.taken.size === 10)
    const stopped = first.stop()
    await counting(rig, judge('dies-before', sink.url))
    await rig.idle('dies-before')
    resolve()
    await stopped
    await has('n/d', { matched: 10, queued: 10 })
    expect([...sink.taken.values()]).toEqual(sent.map(() => 2))
    expect(await rig.count('journal', 'journal.dies-before')).toBeGreaterThan(0)
  })

  it('counts a repeat as received, and what was done for it once', async () => {
    const known = new Set<string>()
    const tallied = { status: 200, tally: { 'n/g': { matched: 1, queued: 1 } } }
    const sink = await sinkOf(() => ({ id }) => {
      const row = known.has(id) ? { ...tallied, recalled: true as const } : tallied
      known.add(id)
      return row
    })
    const before = (await reader.read()).received
    await counting(rig, { ...judge('repeats', sink.url), batch: 1_000 })
    const [event] = events('repeats', 1)
    for (const _ of [1, 2, 3]) await rig.raw('ops.repeats.o0.events', JSON.stringify(event))
    await rig.idle('repeats')
    await vi.waitFor(async () => expect((await reader.read()).received).toBe(before + 3), 25_000)
    expect(await countsOf('n/g')).toEqual({ matched: 1, queued: 1 })
  })

  it('counts all that was answered before a polite stop', async () => {
    const sink = await sinkOf(() => () => ({ status: 200, tally: { 'n/e': { matched: 1, queued: 1 } } }))
    const bridge = await counting(rig, judge('polite', sink.url))
    await rig.publish(events('polite', 200))
    await until('some to be answered', () => sink.taken.size >= 20)
    await bridge.stop()
    expect(await received('polite')).toBe(sink.taken.size)
    await counting(rig, judge('polite', sink.url))
    await rig.idle('polite')
    await has('n/e', { matched: 200, queued: 200 })
    expect([...sink.taken.values()].filter(times => times > 1)).toEqual([])
  })

  it('costs others nothing: a sink that is not ours says nothing that is counted', async () => {
    const sink = await sinkOf(() => () => ({ status: 200, tally: { 'n/f': { matched: 1 } } }))
    await counting(rig, { ...judge('foreign', sink.url), own: false })
    await rig.publish(events('foreign', 20))
    await rig.idle('foreign')
    expect(sink.taken.size).toBe(20)
    expect(await rig.count('journal', 'journal.foreign')).toBe(0)
  })

  it('tells how many deliveries wait, in their stream and between attempts', async () => {
    for (const _ of [1, 2]) await rig.raw('deliveries.n.a_b', '{}')
    await rig.raw('retries.webhook-deliver.30.n.a_b', '{}')
    await rig.raw('retries.webhook-deliver.side.n.gone', '{}')
    await rig.raw('retries.another.30.n.gone', '{}')
    const waiting = await reader.waiting(['n/a.b', 'n/c'])
    expect([...waiting].sort()).toEqual([
      ['n/a.b', 3],
      ['n/gone', 1],
    ])
  })
})
