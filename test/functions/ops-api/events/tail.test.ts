import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'

import { natsVersions, ownNats, sharedRedis } from '../../../servers.ts'
import { tokensFile } from '../../../tokens.ts'
import { openApi, openBus, token } from '../rig.ts'

const file = tokensFile({ shop: { read: ['ops.clusters.*.namespaces.shop.>'] } })

const Told = z.object({ id: z.string().optional(), event: z.string().optional(), data: z.unknown() })
const Item = z.looseObject({
  name: z.string(),
  severity: z.string(),
  event: z.looseObject({ id: z.string() }),
})

/** What an event stream says, as it says it. */
async function follow(url: string, { bearer = token, after = '' } = {}) {
  const gone = new AbortController()
  onTestFinished(() => gone.abort())
  const headers = { authorization: `Bearer ${bearer}`, ...(after && { 'last-event-id': after }) }
  const answer = await fetch(url, { headers, signal: gone.signal })
  const told: z.infer<typeof Told>[] = []
  const all = { text: '', place: '', over: false }
  const read = async () => {
    const decoder = new TextDecoder()
    for await (const part of answer.body ?? []) {
      all.text += decoder.decode(part, { stream: true })
      const blocks = all.text.split('\n\n')
      all.text = blocks.pop() ?? ''
      for (const block of blocks) {
        const lines = block.split('\n').filter(line => !line.startsWith(':'))
        const fields = Object.fromEntries(
          lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        )
        if (fields.id !== undefined) all.place = fields.id
        if (fields.data !== undefined) told.push(Told.parse({ ...fields, data: JSON.parse(fields.data) }))
      }
    }
  }
  void read()
    .catch(() => {})
    .finally(() => (all.over = true))
  const items = () => told.filter(({ event }) => event === undefined).map(({ data }) => Item.parse(data))
  const leave = () => gone.abort()
  return { answer, told, items, leave, place: () => all.place, isOver: () => all.over }
}

describe.each(natsVersions)('following events on NATS %s', async version => {
  const nats = await ownNats(version)
  const bus = await openBus(nats.url)
  const api = await openApi({ nats: nats.url, redis: sharedRedis() }, { env: { SERVER_TOKENS_FILE: file } })
  const at = (query = '') => `${api.url}/api/v1/tail${query}`
  let count = 0
  /** Resolves with its place in the stream. */
  const publish = async (name: string, { namespace = 'shop', reason = 'BackOff' } = {}) => {
    const subject = `ops.clusters.c.namespaces.${namespace}.pods.${name}.events`
    const data = {
      kind: 'Pod',
      namespace,
      name,
      reason,
      type: 'Warning',
      message: `it is ${reason} of ${name}`,
    }
    const event = {
      specversion: '1.0',
      id: `e${count++}`,
      source: 'test',
      type: 'Kube',
      subject,
      cluster: 'c',
      data,
    }
    return (await bus.js.publish(subject, JSON.stringify(event))).seq
  }
  const consumers = async () => (await bus.jsm.streams.info('ops')).state.consumer_count

  it('tells those that are asked for as they come, and goes on behind the last one that was told', async () => {
    await publish('before')
    const stream = await follow(at('?reason=BackOff&q=%22of%20web%22'))
    expect(stream.answer.headers.get('content-type')).toBe('text/event-stream')
    await vi.waitFor(async () => expect(await consumers()).toBe(1))
    await publish('web-1')
    await publish('web-2', { reason: 'Pulled' })
    await publish('db-1')
    const last = await publish('web-3')
    await vi.waitFor(() => expect(stream.items().map(({ name }) => name)).toEqual(['web-1', 'web-3']))
    expect(stream.told.at(-1)?.id).toBe(String(last))
    stream.leave()
    await vi.waitFor(async () => expect(await consumers()).toBe(0))
    await publish('web-4')
    const again = await follow(at('?q=web'), { after: String(last) })
    await vi.waitFor(() => expect(again.items().map(({ name }) => name)).toEqual(['web-4']))
  })

  it('tells at once where it begins, so that nothing is missed by whoever is cut off before the first event', async () => {
    const stream = await follow(at('?q=web'))
    await vi.waitFor(() => expect(stream.place()).not.toBe(''))
    stream.leave()
    await publish('web-6')
    const again = await follow(at('?q=web'), { after: stream.place() })
    await vi.waitFor(() => expect(again.items().map(({ name }) => name)).toEqual(['web-6']))
  })

  it('goes on from now behind a place that a stream made anew does not have yet', async () => {
    const stream = await follow(at('?q=web'), { after: '99999999999' })
    await vi.waitFor(async () => expect(await consumers()).toBeGreaterThanOrEqual(1))
    await publish('web-5')
    await vi.waitFor(() => expect(stream.items().map(({ name }) => name)).toEqual(['web-5']))
  })

  it('tells a token what it may read', async () => {
    const stream = await follow(at('?subject=ops.%3E'), { bearer: 'shop-token' })
    const wide = await follow(at())
    await vi.waitFor(async () => expect(await consumers()).toBeGreaterThanOrEqual(2))
    await publish('secret', { namespace: 'bank' })
    await publish('web-9')
    await vi.waitFor(() => expect(wide.items()).toHaveLength(2))
    await vi.waitFor(() => expect(stream.items().map(({ name }) => name)).toEqual(['web-9']))
  })

  it.each([
    ['*.clusters.*.namespaces.shop.>', ['web-1']],
    ['other.>', []],
  ])('takes a pattern that goes beyond the stream: %s', async (subject, names) => {
    const stream = await follow(at(`?subject=${encodeURIComponent(subject)}`))
    const wide = await follow(at())
    await vi.waitFor(async () => expect(await consumers()).toBeGreaterThanOrEqual(2))
    await publish('web-1')
    await vi.waitFor(() => expect(wide.items()).toHaveLength(1))
    await vi.waitFor(() => expect(stream.items().map(({ name }) => name)).toEqual(names))
    expect(stream.told.filter(({ event }) => event !== undefined)).toEqual([])
  })

  it('passes over what is no event', async () => {
    const stream = await follow(at())
    await vi.waitFor(async () => expect(await consumers()).toBeGreaterThanOrEqual(1))
    for (const payload of ['', '{', '[]', '{"specversion":"1.0"}', '\xff'])
      await bus.js.publish('ops.a.events', payload)
    await publish('web-1')
    await vi.waitFor(() => expect(stream.items()).toHaveLength(1))
  })

  it('says that NATS is away, and goes on where it was', async () => {
    const stream = await follow(at('?q=web'))
    await vi.waitFor(async () => expect(await consumers()).toBeGreaterThanOrEqual(1))
    await publish('web-1')
    await vi.waitFor(() => expect(stream.items()).toHaveLength(1))
    await nats.kill()
    await vi.waitFor(() => expect(stream.told.at(-1)).toMatchObject({ event: 'away' }), { timeout: 30_000 })
    await nats.restart()
    await vi.waitFor(() => publish('web-2'), { timeout: 30_000 })
    await vi.waitFor(() => expect(stream.items().map(({ name }) => name)).toContain('web-2'), {
      timeout: 30_000,
    })
  })

  it('is for so many at once and no more', async () => {
    const streams = await Promise.all(
      Array.from({ length: 12 }, () => follow(at(), { bearer: 'shop-token' })),
    )
    const late = streams.filter(({ answer }) => answer.status === 429)
    expect(late).toHaveLength(2)
    expect(late[0]?.answer.headers.get('retry-after')).toBe('10')
    for (const stream of streams) stream.leave()
    await vi.waitFor(async () => {
      const next = await follow(at(), { bearer: 'shop-token' })
      expect(next.answer.status).toBe(200)
    })
  })

  it('ends, and does not keep waiting whoever ends the process', async () => {
    const other = await openApi({ nats: nats.url, redis: sharedRedis() })
    const stream = await follow(`${other.url}/api/v1/tail`)
    const began = performance.now()
    await other.stop(20_000)
    expect(await other.exited).toBe('code 0')
    expect(performance.now() - began).toBeLessThan(15_000)
    await vi.waitFor(() => expect(stream.isOver()).toBe(true))
  })
})
