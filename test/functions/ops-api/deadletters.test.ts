import { beforeEach, describe, expect, it } from 'vitest'
import { natsVersions, ownNats, sharedRedis } from '../../servers.ts'
import { openApi, openBus, Page, Replayed } from './rig.ts'

describe.each(natsVersions)('dead letters over nats-server %s', async version => {
  const nats = await ownNats(version)
  const bus = await openBus(nats.url)
  const api = await openApi({ nats: nats.url, redis: sharedRedis() })
  await bus.take('webhook-deliver')
  await bus.take('hook-evaluate')
  beforeEach(() => bus.clear())

  const list = async (query = '') => (await api.ask('GET', `/deadletters${query}`, { as: Page })).data
  const idsOf = async (query = '') => (await list(query)).list.map(({ id }) => Number(id))
  const replay = async (body: object) =>
    (await api.ask('POST', '/deadletters/replay', { body, as: Replayed })).data

  it('are listed newest first, by hook, trigger, reason, time and id', async () => {
    const of = {
      a: await bus.buryDelivery('shop/a', 'a.example answered 410'),
      b: await bus.buryDelivery('shop/b', 'b.example answered 500'),
      dotted: await bus.buryDelivery('shop/a.b'),
      underlined: await bus.buryDelivery('shop/a_b'),
      // On the subject that a hook's would have.
      alike: await bus.bury({ trigger: 'mine', subject: 'ops.shop.a' }),
      event: await bus.bury({
        trigger: 'hook-evaluate',
        subject: 'ops.clusters.c.nodes.n.events',
        reason: 'A Loop',
      }),
    }
    const page = await list()
    expect(page).toMatchObject({ total: 6, page: 1, page_size: 20 })
    expect(page.list.map(({ id }) => Number(id))).toEqual(Object.values(of).reverse())
    expect(page.list.at(-1)).toMatchObject({
      trigger: 'webhook-deliver',
      hook: 'shop/a',
      subject: 'deliveries.shop.a',
      reason: 'a.example answered 410',
      attempts: 3,
      replays: [],
    })
    expect(await idsOf('?hook=shop/a')).toEqual([of.a])
    expect(await idsOf('?hook=shop/a.b')).toEqual([of.dotted])
    expect(await idsOf('?hook=shop/a_b')).toEqual([of.underlined])
    expect(await idsOf('?trigger=hook-evaluate')).toEqual([of.event])
    expect(await idsOf('?reason=LOOP')).toEqual([of.event])
    expect(await idsOf('?reason=answered&trigger=webhook-deliver&hook=shop%2Fb')).toEqual([of.b])
    expect(await idsOf(`?id=${of.a},${of.event},999`)).toEqual([of.event, of.a])
    expect(await list('?hook=shop/none')).toMatchObject({ list: [], total: 0 })
    const time = page.list.find(({ id }) => Number(id) === of.dotted)?.time ?? ''
    const until = await idsOf(`?end_time=${Date.parse(time)}`)
    expect(until).toEqual(expect.arrayContaining([of.a, of.b, of.dotted]))
    const from = await idsOf(`?start_time=${encodeURIComponent(time)}`)
    expect(from).toEqual(expect.arrayContaining([of.event, of.alike, of.underlined, of.dotted]))
    expect(await idsOf('?start_time=4000000000000')).toEqual([])
  })

  it('are shown whole, with what came in place of an event as it came', async () => {
    const seq = await bus.bury({
      trigger: 'hook-evaluate',
      subject: 'ops.a.b.events',
      payload: '{"specversion":"1.0"',
    })
    expect((await api.ask('GET', `/deadletters/${seq}`)).data).toMatchObject({
      id: String(seq),
      body_base64: Buffer.from('{"specversion":"1.0"').toString('base64'),
    })
    const other = await bus.bury({
      trigger: 'hook-evaluate',
      subject: 'ops.a.b.events',
      event: { data: { n: 1 } },
    })
    expect((await api.ask('GET', `/deadletters/${other}`)).data).toMatchObject({
      id: String(other),
      firstTime: '2026-09-21T14:13:20.000Z',
      event: { data: { n: 1 }, knativeerrordest: 'http://sink', knativeerrorcode: 422 },
    })
    for (const id of ['999999', '0', 'x', '..%2F1'])
      expect(await api.ask('GET', `/deadletters/${id}`)).toMatchObject({ status: 404 })
  })

  it('go out again to their own trigger as if never tried, and only once for a replay id', async () => {
    const seq = await bus.buryDelivery('shop/a')
    await bus.buryDelivery('shop/b')
    const first = await replay({ hook: 'shop/a', replayId: 'r1' })
    expect(first).toMatchObject({ replayId: 'r1', dryRun: false, counts: { replayed: 1, already: 0 } })
    expect(first.list).toEqual([
      expect.objectContaining({ id: String(seq), hook: 'shop/a', result: 'replayed' }),
    ])

    const [message, ...more] = await bus.waiting()
    expect(more).toEqual([])
    expect(message?.subject).toBe('retries.webhook-deliver.1.shop.a')
    expect(message?.head('Ops-Attempts')).toBe('0')
    expect(message?.head('Ops-Subject')).toBe('deliveries.shop.a')
    expect(Number(message?.head('Ops-Due'))).toBeLessThanOrEqual(Date.now())
    const event = JSON.parse(message?.text ?? '')
    expect(event).toMatchObject({ hook: 'shop/a', deliveryid: expect.stringMatching(/^d/), replayid: 'r1' })
    expect(Object.keys(event).filter(name => name.startsWith('knative'))).toEqual([])

    const second = await replay({ ids: [String(seq)], replayId: 'r1' })
    expect(second.list).toEqual([
      expect.objectContaining({ result: 'already', because: 'replay "r1" has sent it' }),
    ])
    expect(await bus.waiting()).toHaveLength(1)
    const third = await replay({ ids: [String(seq)] })
    expect(third.counts.replayed).toBe(1)
    expect(await bus.waiting()).toHaveLength(2)
    const { replays } = (await list(`?id=${seq}`)).list[0] ?? {}
    expect(replays).toEqual([
      { id: 'r1', at: expect.any(String), by: 'default' },
      { id: third.replayId, at: expect.any(String), by: 'default' },
    ])
  })

  it('go out once though two ask for the same replay at the same time', async () => {
    for (let n = 0; n < 20; n++) await bus.buryDelivery('shop/a')
    await Promise.all([1, 2, 3].map(() => replay({ all: true, replayId: 'twins' })))
    expect(await bus.waiting()).toHaveLength(20)
    const { list: rows } = await list('?page_size=100')
    expect(rows.map(({ replays }) => replays?.length)).toEqual(rows.map(() => 1))
  })

  it('stay as they are in a dry run, which says what it would do', async () => {
    const seq = await bus.buryDelivery('shop/a')
    await bus.bury({ trigger: 'gone', subject: 'ops.a.b.events' })
    const dry = await replay({ all: true, dryRun: true })
    expect(dry.counts).toMatchObject({ planned: 1, refused: 1, replayed: 0 })
    expect(dry.list[1]).toMatchObject({ because: 'no trigger "gone" is at work that would take it' })
    expect(await bus.waiting()).toEqual([])
    expect((await list(`?id=${seq}`)).list[0]?.replays).toEqual([])
  })

  it('say why one cannot go out again', async () => {
    const empty = await bus.bury({ trigger: 'webhook-deliver', subject: 'deliveries.shop.a', payload: '' })
    const { list: rows } = await replay({ ids: ['99999', String(empty)] })
    expect(rows.map(({ because }) => because)).toEqual([
      'its event was too large to be kept with its story',
      'there is no such dead letter, or no longer',
    ])
  })

  it('go out in their order, as many as are asked for, and the cursor goes on', async () => {
    const seqs: number[] = []
    for (let n = 0; n < 7; n++) seqs.push(await bus.buryDelivery('shop/a', `reason ${n}`))
    await bus.buryDelivery('shop/b', 'other')
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const some = await replay({ reason: 'reason', limit: 3, replayId: 'r', ...(cursor && { cursor }) })
      ids.push(...some.list.map(({ id }) => id))
      cursor = some.cursor
    } while (cursor)
    expect(ids.map(Number)).toEqual(seqs)
    const sent = (await bus.waiting()).map(({ head }) => Number(head('Ops-Sequence')))
    expect(sent).toEqual(seqs)
  })

  it('are paged through, 5,000 of them, without a gap', async () => {
    const all: number[] = []
    for (let turn = 0; turn < 50; turn++) {
      const some = Array.from({ length: 100 }, (_, n) =>
        n === 50 ? bus.buryDelivery('shop/rare', 'rare') : bus.buryDelivery('shop/a'),
      )
      all.push(...(await Promise.all(some)))
    }
    const newestFirst = all.sort((a, b) => b - a)
    expect(await list()).toMatchObject({ total: 5_000, list: expect.objectContaining({ length: 20 }) })
    expect(await idsOf('?page=3&page_size=100')).toEqual(newestFirst.slice(200, 300))
    const seen: number[] = []
    for (let cursor: string | undefined, turn = 0; turn === 0 || cursor; turn++) {
      const page = await list(`?limit=100${cursor ? `&cursor=${cursor}` : ''}`)
      seen.push(...page.list.map(({ id }) => Number(id)))
      cursor = page.cursor
    }
    expect(seen).toEqual(newestFirst)
    const rare = await list('?hook=shop/rare&page_size=30')
    expect(rare).toMatchObject({ total: 50, list: expect.objectContaining({ length: 30 }) })
    expect(await list('?reason=RARE')).toMatchObject({ total: 50 })
  }, 60_000)
})
