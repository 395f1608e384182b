import { describe, expect, it } from 'vitest'
import { PublishError } from '../../../shared/adapters/publisher.ts'
import { madeId } from '../../../shared/delivery.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import { idOf } from '../../../shared/id.ts'
import { type Silence, SilenceSpec } from '../../../shared/silence.ts'
import { backOff, hook, tallyOf, waitsWell, worldOf } from './world.ts'

const minute = 60_000
const id = 'ops-system/notices'
const numbered = (n: number, data: object = {}): OpsEvent =>
  backOff({ id: `e${n}`, data: { reason: 'BackOff', name: `web-${n}`, ...data } })
const many = (count: number) => Array.from({ length: count }, (_, n) => numbered(n))

describe('filters', () => {
  const filtered = hook({ name: 'notices', filters: [{ exact: { 'data.type': 'Warning' } }] })

  it('keep a hook from firing, and then nothing is counted', async () => {
    const { handle, published } = worldOf([filtered])
    const outcomes = await handle([backOff(), backOff({ id: 'e2', data: { type: 'Normal' } })])
    expect(outcomes).toEqual([{ kind: 'done', tally: { [id]: { matched: 1, queued: 1 } } }, { kind: 'done' }])
    expect(published).toHaveLength(1)
  })

  it('let a deletion fire where they ask for it, and no other hook', async () => {
    const asking = hook({ name: 'asking', filters: [{ not: { exact: { 'data.operation': 'ADDED' } } }] })
    const { handle, told } = worldOf([filtered, hook({ name: 'plain' }), asking])
    await handle([backOff({ data: { type: 'Warning', operation: 'DELETED' } })])
    expect(told().map(({ hook }) => hook)).toEqual(['ops-system/asking'])
  })
})

describe('suspend', () => {
  it('counts what would have gone out', async () => {
    const { handle, published } = worldOf([
      hook({ name: 'notices', suspend: true, dedup: { window: minute, key: [] } }),
    ])
    expect(tallyOf((await handle([backOff()]))[0], id)).toEqual({ matched: 1, suspended: 1 })
    expect(published).toEqual([])
  })
})

describe('silences', () => {
  const silence = (spec: object): Silence => ({
    id: 'ops-system/maintenance',
    namespace: 'ops-system',
    name: 'maintenance',
    spec: SilenceSpec.parse({ until: '2026-02-01T00:00:00Z', ...spec }),
  })

  it('keep hooks quiet and keep a note for people', async () => {
    const other = hook({ name: 'other' })
    const { handle, told, notes } = worldOf([hook({ name: 'notices' }), other], {
      silences: async () => [silence({ hooks: [id] })],
    })
    const [outcome] = await handle([backOff()])
    expect(tallyOf(outcome, id)).toEqual({ matched: 1, silenced: 1 })
    expect(told().map(({ hook }) => hook)).toEqual(['ops-system/other'])
    expect(notes).toEqual([
      {
        silence: 'ops-system/maintenance',
        time: '2026-01-31T12:00:01.000Z',
        subject: backOff().subject,
        id: 'e1',
        hook: id,
        reason: 'BackOff',
      },
    ])
  })

  it('are over in time, and silence nothing when nobody can be asked for them', async () => {
    const over = worldOf([hook({ name: 'notices' })], {
      silences: async () => [silence({ until: '2026-01-31T12:00:00Z' })],
    })
    await over.handle([backOff()])
    expect(over.published).toHaveLength(1)
    const failing = worldOf([hook({ name: 'notices' })], {
      silences: () => Promise.reject(new Error('away')),
    })
    await failing.handle([backOff()])
    expect(failing.published).toHaveLength(1)
  })

  it('open no window: what comes after them is the first', async () => {
    let silences = [silence({})]
    const { handle, to } = worldOf([hook({ name: 'notices', dedup: { window: minute, key: ['subject'] } })], {
      silences: async () => silences,
    })
    await handle([numbered(1)])
    silences = []
    await handle([numbered(2)])
    expect(to('deliveries').map(({ id }) => id)).toEqual(['e2'])
  })
})

describe('threshold', () => {
  const counting = hook({
    name: 'notices',
    threshold: { count: 3, window: 5 * minute, groupBy: ['namespace', 'reason'] },
  })
  const inNamespace = (n: number, namespace: string, more: object = {}) =>
    numbered(n, { namespace, occurrences: 1, ...more })

  it('fires at the third within the window, each group apart', async () => {
    const { handle, to } = worldOf([counting])
    const outcomes = await handle([
      ...[1, 2].map(n => inNamespace(n, 'a')),
      inNamespace(3, 'b'),
      ...[4, 5].map(n => inNamespace(n, 'a')),
    ])
    expect(to('deliveries').map(({ id }) => id)).toEqual(['e4'])
    expect(outcomes.map(outcome => tallyOf(outcome, id))).toEqual([
      ...Array(3).fill({ matched: 1, threshold: 1 }),
      { matched: 1, queued: 1 },
      { matched: 1, threshold: 1 },
    ])
  })

  it.each([
    ['as often as Kubernetes says that it happened', { occurrences: 3 }, {}, 1],
    ['once where it does not say', { occurrences: undefined }, {}, 0],
    ['once where what it says is no count', { occurrences: -3 }, {}, 0],
    ['once where another type says it', { occurrences: 3 }, { type: 'Default' }, 0],
  ])('counts an event %s', async (_, data, about, deliveries) => {
    const { handle, to } = worldOf([counting])
    await handle([{ ...inNamespace(1, 'a', data), ...about }])
    expect(to('deliveries')).toHaveLength(deliveries)
  })
})

describe('dedup', () => {
  const deduped = hook({ name: 'notices', dedup: { window: 10 * minute, key: ['subject', 'reason'] } })

  it('holds what is like the first, and tells the end by a message in stream retries', async () => {
    const { handle, published, to, now } = worldOf([deduped])
    const other = numbered(9, { reason: 'Unhealthy' })
    const outcomes = await handle([numbered(1), numbered(2), other, numbered(3)])
    expect(to('deliveries').map(({ id }) => id)).toEqual(['e1', 'e9'])
    expect(outcomes.map(outcome => tallyOf(outcome, id))).toEqual([
      { matched: 1, queued: 1 },
      { matched: 1, dedup: 1 },
      { matched: 1, queued: 1 },
      { matched: 1, dedup: 1 },
    ])
    const waiting = published.filter(({ subject }) => subject.startsWith('retries.'))
    expect(waiting).toMatchObject([
      {
        subject: 'retries.hook-evaluate.600.clusters.c1.namespaces.ns1.pods.pod1.events',
        headers: {
          'Ops-Trigger': 'hook-evaluate',
          'Ops-Subject': 'ops.clusters.c1.namespaces.ns1.pods.pod1.events',
          'Ops-Attempts': '0',
          'Ops-First-Time': String(now()),
          'Ops-Due': String(now() + 10 * minute),
        },
      },
    ])
  })

  it('tells at its end of the last one that was held, how many there were and since when', async () => {
    const { handle, due, to, pass } = worldOf([deduped])
    await handle([numbered(1)])
    pass(minute)
    await handle([numbered(2)])
    pass(minute)
    await handle([numbered(3, { message: 'the latest' })])
    const [outcome] = await due()
    expect(tallyOf(outcome, id)).toEqual({ notices: 1, queued: 1 })
    expect(to('deliveries')).toMatchObject([
      { id: 'e1' },
      {
        id: 'e3',
        data: { message: 'the latest' },
        notice: 'held',
        held: 2,
        heldsince: '2026-01-31T12:01:01.000Z',
        hook: id,
      },
    ])
    expect(to('deliveries')[1]?.deliveryid).not.toBe(madeId(id, numbered(3)))
  })

  it('tells with the next one where that comes first, and then not again', async () => {
    const { handle, due, to, pass } = worldOf([deduped])
    await handle([numbered(1), numbered(2), numbered(3)])
    pass(10 * minute)
    await handle([numbered(4)])
    expect(to('deliveries')[1]).toMatchObject({ id: 'e4', held: 2, heldsince: '2026-01-31T12:00:01.000Z' })
    expect(to('deliveries')[1]).not.toHaveProperty('notice')
    expect(await due()).toEqual([{ kind: 'done' }])
    expect(to('deliveries')).toHaveLength(2)
  })

  it('waits in turns for what is further away than the longest delay', async () => {
    const { handle, published, due, to } = worldOf([
      hook({ name: 'notices', dedup: { window: 5 * 60 * minute, key: ['subject'] } }),
    ])
    await handle([numbered(1), numbered(2)])
    const began = Date.parse('2026-01-31T12:00:01Z')
    for (const _ of [1, 2]) {
      await due()
      expect(to('deliveries')).toHaveLength(1)
    }
    await due()
    expect(to('deliveries')[1]).toMatchObject({ notice: 'held', held: 1 })
    const waiting = published.filter(({ subject }) => subject.startsWith('retries.'))
    const hours = waiting.map(({ headers }) => (Number(headers?.['Ops-Due']) - began) / (60 * minute))
    expect(hours).toEqual([1, 3, 5])
    expect(new Set(waiting.map(({ id }) => id)).size).toBe(3)
    expect(waiting.every(({ subject }) => waitsWell(subject))).toBe(true)
  })

  it('has one message about the end, whoever comes to make it', async () => {
    const { handle, published } = worldOf([deduped])
    await handle(many(20))
    await handle(many(25).slice(20))
    expect(published.filter(({ subject }) => subject.startsWith('retries.'))).toHaveLength(1)
  })

  it('answers what it holds only when the end will be told', async () => {
    let full = true
    const { handle, world } = worldOf([deduped])
    const publish = world.publish
    world.publish = async message => {
      if (full && message.subject.startsWith('retries.')) throw new PublishError('full', 'JetStream is full')
      return publish(message)
    }
    expect((await handle([numbered(1), numbered(2)])).map(({ kind }) => kind)).toEqual(['done', 'retry'])
    full = false
    expect((await handle([numbered(2)])).map(outcome => tallyOf(outcome, id))).toEqual([
      { matched: 1, dedup: 1 },
    ])
  })

  it('lets the next one go when the first never can', async () => {
    const { handle, world, to } = worldOf([deduped])
    const publish = world.publish
    world.publish = async message => {
      if (String(message.payload).includes('"e1"')) throw new PublishError('refused', 'too large')
      return publish(message)
    }
    const [refused] = await handle([numbered(1)])
    expect(refused).toMatchObject({ kind: 'drop', tally: { [id]: { matched: 1, refused: 1 } } })
    await handle([numbered(2), numbered(3)])
    expect(to('deliveries').map(({ id }) => id)).toEqual(['e2'])
  })

  it('tells what the message itself holds where the windows have forgotten', async () => {
    const first = worldOf([deduped])
    await first.handle([numbered(1), numbered(2), numbered(3)])
    const later = worldOf([deduped])
    later.published.push(...first.published)
    expect((await later.due()).map(outcome => tallyOf(outcome, id))).toEqual([{ notices: 1, queued: 1 }])
    expect(later.to('deliveries').at(-1)).toMatchObject({ id: 'e2', notice: 'held', held: 1 })
  })

  it('takes an event that is too large along without its data', async () => {
    const { handle, due, to } = worldOf([deduped])
    await handle([numbered(1), numbered(2, { message: 'x'.repeat(70_000) })])
    await due()
    expect(to('deliveries')[1]).toMatchObject({ id: 'e2', notice: 'held' })
    expect(to('deliveries')[1]).not.toHaveProperty('data')
  })

  it('has a hook of type event send on the last one at the end, as an event like any other', async () => {
    const convert = hook({
      name: 'convert',
      type: 'event',
      target: 'alerts',
      dedup: { window: minute, key: [] },
    })
    const { handle, due, to } = worldOf([convert])
    await handle([numbered(1), numbered(2), numbered(3)])
    const [outcome] = await due()
    expect(tallyOf(outcome, 'ops-system/convert')).toEqual({ notices: 1, republished: 1 })
    expect(to('ops').map(({ causationid, held }) => [causationid, held])).toEqual([
      ['e1', undefined],
      ['e3', undefined],
    ])
  })

  it.each([
    ['is gone', []],
    ['is suspended', [{ ...deduped, suspend: true as const }]],
  ])('tells nothing when the hook %s by then', async (_, hooks) => {
    let current = [deduped]
    const { handle, due, to } = worldOf([], { hooks: async () => ({ revision: 's', hooks: current }) })
    await handle([numbered(1), numbered(2)])
    current = hooks
    expect(await due()).toEqual([{ kind: 'done' }])
    expect(to('deliveries')).toHaveLength(1)
  })

  it('tells nothing while the hook is silenced, and counts that', async () => {
    const silences: Silence[] = []
    const { handle, due, notes } = worldOf([deduped], { silences: async () => silences })
    await handle([numbered(1), numbered(2)])
    const spec = SilenceSpec.parse({ until: '2026-02-01T00:00:00Z' })
    silences.push({ id: 'a/b', namespace: 'a', name: 'b', spec })
    expect((await due()).map(outcome => tallyOf(outcome, id))).toEqual([{ notices: 1, silenced: 1 }])
    expect(notes).toHaveLength(1)
  })
})

describe('the end of a window that a stranger makes up', () => {
  const deduped = hook({
    name: 'notices',
    dedup: { window: 10 * minute, key: ['subject'] },
    include: ['BackOff'],
  })

  async function forged(more: Partial<OpsEvent>) {
    const at = worldOf([deduped])
    await at.handle([numbered(1), numbered(2)])
    const real: OpsEvent = JSON.parse(String(at.published.at(-1)?.payload))
    at.pass(10 * minute)
    const outcomes = await at.handle([{ ...real, id: 'forged', ...more }])
    return { ...at, outcomes }
  }

  it('is an event like any other: on a subject of theirs it is judged by its text and ends nothing', async () => {
    const { outcomes, to, handle } = await forged({ subject: backOff().subject ?? '' })
    expect(outcomes.map(outcome => tallyOf(outcome, id))).toEqual([{ matched: 1, queued: 1 }])
    expect(to('deliveries').at(-1)).toMatchObject({ type: 'WindowEnd', held: 1 })
    expect(to('deliveries').at(-1)).not.toHaveProperty('notice')
    await handle([numbered(3)])
    expect(to('deliveries'), 'the window that it opened itself is open').toHaveLength(2)
  })

  it('fires nothing where its subject is nobody’s', async () => {
    const { outcomes, to } = await forged({ source: 'https://example.com/stranger' })
    expect(outcomes).toEqual([{ kind: 'done' }])
    expect(to('deliveries')).toHaveLength(1)
  })

  it('is dropped where it says nothing', async () => {
    const { outcomes } = await forged({ data: { hook: id, window: 'all', until: 0 } })
    expect(outcomes).toEqual([{ kind: 'drop', reason: 'It says that a window ends, and not which' }])
  })
})

describe('a storm', () => {
  const limited = hook({ name: 'notices', stormLimit: 5 })

  it('goes into one digest a minute, by reason and with the first ten names', async () => {
    const { handle, due, to, published } = worldOf([limited])
    const outcomes = await handle(
      many(1_000).map((event, n) => (n % 4 ? event : numbered(n, { reason: 'Unhealthy' }))),
    )
    expect(to('deliveries').map(({ id }) => id)).toEqual(['e0', 'e1', 'e2', 'e3', 'e4'])
    expect(outcomes.slice(5).every(one => tallyOf(one, id)?.storm === 1)).toBe(true)
    expect(published.filter(({ subject }) => subject.startsWith('retries.'))).toHaveLength(1)

    const [outcome] = await due()
    expect(tallyOf(outcome, id)).toEqual({ notices: 1, queued: 1 })
    const digest = to('deliveries').at(-1)
    expect(digest).toMatchObject({
      type: 'Digest',
      notice: 'digest',
      subject: backOff().subject,
      source: 'https://github.com/shaowenchen/ops',
      hook: id,
      data: {
        hook: id,
        from: '2026-01-31T12:00:00.000Z',
        until: '2026-01-31T12:01:00.000Z',
        count: 995,
        reasons: { BackOff: 747, Unhealthy: 248 },
        names: Array.from({ length: 10 }, (_, n) => `web-${n + 5}`),
        message: '995 events in this minute: BackOff 747, Unhealthy 248',
      },
    })
    expect(digest?.data).toBeDefined()
  })

  it('is digests only until a minute stays below the limit', async () => {
    const { handle, due, to, pass } = worldOf([limited])
    await handle(many(6))
    await due()
    expect(to('deliveries')).toHaveLength(6)
    await handle([numbered(10)])
    await due()
    expect(to('deliveries').at(-1)).toMatchObject({ notice: 'digest', data: { count: 1, names: ['web-10'] } })
    pass(minute)
    await handle([numbered(11)])
    expect(to('deliveries').at(-1)).toMatchObject({ id: 'e11' })
  })

  it('is told by its first where the windows have forgotten', async () => {
    const first = worldOf([limited])
    await first.handle(many(9))
    const later = worldOf([limited])
    later.published.push(...first.published)
    await later.due()
    expect(later.to('deliveries').at(-1)).toMatchObject({
      type: 'Digest',
      data: { count: 1, reasons: { BackOff: 1 }, names: ['web-5'] },
    })
  })

  it('has the same id whoever tells it', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => {
        const { handle, due, to } = worldOf([limited])
        await handle(many(9))
        await due()
        return to('deliveries').at(-1)?.deliveryid
      }),
    )
    expect(ids[0]).toBe(ids[1])
  })
})

describe('resolve', () => {
  const nodeEvents = 'ops.clusters.*.nodes.*.events'
  const nodes = hook({ name: 'notices', subject: nodeEvents, include: ['NodeNotReady'], resolve: true })
  const node = (n: number, reason: string, name = 'n1'): OpsEvent => ({
    ...backOff({ id: `${reason}-${n}`, subject: `ops.clusters.c1.nodes.${name}.events` }),
    time: `2026-01-31T12:0${n}:00Z`,
    data: { kind: 'Node', name, reason },
  })

  it('tells the end of a trouble that was told, whatever the keywords say, and once', async () => {
    const { handle, to, troubles } = worldOf([nodes])
    await handle([node(1, 'NodeNotReady')])
    expect(troubles.lasting()).toBe(1)
    const outcomes = await handle([node(5, 'NodeReady'), node(6, 'NodeReady')])
    expect(outcomes.map(outcome => tallyOf(outcome, id))).toEqual([{ notices: 1, queued: 1 }, undefined])
    const raised = madeId(id, node(1, 'NodeNotReady'))
    expect(to('deliveries')).toMatchObject([
      { id: 'NodeNotReady-1', deliveryid: raised },
      {
        id: 'NodeReady-5',
        notice: 'resolved',
        resolves: raised,
        raisedat: '2026-01-31T12:01:00Z',
        deliveryid: idOf('resolved', id, raised),
      },
    ])
    expect(troubles.lasting()).toBe(0)
  })

  it('tells the same again when the event that ends it comes again before it is known as judged', async () => {
    const at = worldOf([nodes])
    await at.handle([node(1, 'NodeNotReady')])
    const first = await at.handle([node(2, 'NodeReady')])
    at.judged.clear()
    expect(await at.handle([node(1, 'NodeNotReady'), node(2, 'NodeReady')])).toMatchObject([{}, ...first])
    expect(at.published[3]?.id).toBe(at.published[1]?.id)
    expect(at.troubles.lasting()).toBe(0)
    at.judged.clear()
    expect(await at.handle([node(3, 'NodeReady')])).toEqual([{ kind: 'done' }])
  })

  it('makes news of a trouble that comes again after its end, though its window is still open', async () => {
    const { handle, to, pass } = worldOf([
      hook({ ...nodes, dedup: { window: 10 * minute, key: ['subject', 'reason'] } }),
    ])
    await handle([
      node(1, 'NodeNotReady'),
      node(2, 'NodeNotReady'),
      node(3, 'NodeReady'),
      node(4, 'NodeNotReady'),
    ])
    pass(minute)
    await handle([node(5, 'NodeNotReady'), node(6, 'NodeReady')])
    expect(to('deliveries').map(({ id, notice, held }) => [id, notice, held])).toEqual([
      ['NodeNotReady-1', undefined, undefined],
      ['NodeReady-3', 'resolved', undefined],
      ['NodeNotReady-4', undefined, 1],
      ['NodeReady-6', 'resolved', undefined],
    ])
  })

  it('tells nothing of the end of what it never told', async () => {
    const { handle, published } = worldOf([nodes])
    expect(
      await handle([node(1, 'NodeReady'), node(2, 'NodeNotReady', 'n2'), node(3, 'NodeReady', 'n3')]),
    ).toMatchObject([{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }])
    expect(published).toHaveLength(1)
  })

  it('keeps the first beginning while a trouble is told again', async () => {
    const { handle, to } = worldOf([nodes])
    await handle([node(1, 'NodeNotReady'), node(2, 'NodeNotReady')])
    await handle([node(3, 'NodeReady')])
    expect(to('deliveries').at(-1)).toMatchObject({ raisedat: '2026-01-31T12:01:00Z' })
  })

  it('sees beginning and end in their order within one batch', async () => {
    const { handle, to, troubles } = worldOf([nodes])
    const reasons = ['NodeNotReady', 'NodeReady', 'NodeNotReady', 'NodeReady', 'NodeReady', 'NodeNotReady']
    await handle(reasons.map((reason, n) => node(n, reason)))
    expect(to('deliveries').map(({ id, notice }) => [id, notice])).toEqual([
      ['NodeNotReady-0', undefined],
      ['NodeReady-1', 'resolved'],
      ['NodeNotReady-2', undefined],
      ['NodeReady-3', 'resolved'],
      ['NodeNotReady-5', undefined],
    ])
    expect(troubles.lasting()).toBe(1)
  })

  it('takes the place of what the keywords would have sent', async () => {
    const both = hook({ ...nodes, include: ['NodeNotReady', 'NodeReady'] })
    const { handle, to } = worldOf([both])
    await handle([node(1, 'NodeNotReady')])
    const [outcome] = await handle([node(2, 'NodeReady')])
    expect(tallyOf(outcome, id)).toEqual({ matched: 1, queued: 1 })
    expect(to('deliveries').map(({ notice }) => notice)).toEqual([undefined, 'resolved'])
    await handle([node(3, 'NodeReady')])
    expect(to('deliveries').at(-1)).not.toHaveProperty('notice')
  })

  it('is held neither by filters that name the trouble, nor by a silence, nor by a window', async () => {
    const narrow = hook({
      ...nodes,
      filters: [{ exact: { 'data.reason': 'NodeNotReady' } }],
      dedup: { window: 10 * minute, key: ['subject'] },
      stormLimit: 1,
    })
    const silences: Silence[] = []
    const { handle, to } = worldOf([narrow], { silences: async () => silences })
    await handle([node(1, 'NodeNotReady')])
    silences.push({
      id: 'a/b',
      namespace: 'a',
      name: 'b',
      spec: SilenceSpec.parse({ until: '2026-02-01T00:00:00Z' }),
    })
    await handle([node(2, 'NodeReady')])
    expect(to('deliveries').at(-1)).toMatchObject({ notice: 'resolved' })
  })

  it('is not asked for by other hooks, nor told by one that is suspended', async () => {
    const plain = hook({ name: 'plain', subject: nodeEvents, include: ['NodeNotReady'] })
    let suspended = false
    const { handle, to, troubles } = worldOf([], {
      hooks: async () => ({
        revision: String(suspended),
        hooks: [plain, suspended ? { ...nodes, suspend: true as const } : nodes],
      }),
    })
    await handle([node(1, 'NodeNotReady')])
    suspended = true
    await handle([node(2, 'NodeReady')])
    expect(to('deliveries').map(({ notice }) => notice)).toEqual([undefined, undefined])
    expect(troubles.lasting(), 'its end may still be told').toBe(1)
  })

  it('has the event wait while nobody can be asked what was told, and sends twice with one id', async () => {
    const at = worldOf([nodes])
    await at.handle([node(1, 'NodeNotReady')])
    const { close, get } = at.world.troubles
    at.world.troubles.get = () => Promise.reject(new Error('NATS is away'))
    expect(await at.handle([node(2, 'NodeReady')])).toMatchObject([{ kind: 'retry' }])
    at.world.troubles.get = get
    at.world.troubles.close = () => Promise.reject(new Error('NATS is away'))
    expect(await at.handle([node(2, 'NodeReady')])).toMatchObject([{ kind: 'retry' }])
    at.world.troubles.close = close
    expect(await at.handle([node(2, 'NodeReady')])).toMatchObject([{ kind: 'done' }])
    const resolved = at.published.slice(1)
    expect(resolved).toHaveLength(2)
    expect(resolved[0]?.id).toBe(resolved[1]?.id)
  })

  it('tells each trouble by itself where one event ends several', async () => {
    const pods = hook({ name: 'notices', resolve: true, include: ['Failed'] })
    const pod = (id: string, reason: string, message: string) =>
      backOff({ id, data: { kind: 'Pod', reason, message, fieldPath: 'spec.containers{app}' } })
    const { handle, to } = worldOf([pods])
    await handle([pod('a', 'FailedMount', ''), pod('b', 'Failed', 'Failed to pull image "x"')])
    const [outcome] = await handle([pod('c', 'Started', '')])
    expect(tallyOf(outcome, id)).toEqual({ notices: 2, queued: 2 })
    const resolved = to('deliveries').slice(2)
    expect(resolved.map(({ trouble }) => JSON.parse(String(trouble))[1]).sort()).toEqual(['image', 'mount'])
  })
})
