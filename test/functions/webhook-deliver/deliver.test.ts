import { describe, expect, it } from 'vitest'
import { deliver, type World } from '../../../functions/webhook-deliver/deliver.ts'
import { type HttpAnswer, NoAnswer } from '../../../shared/adapters/http.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'

const hook = (about: Partial<CompiledHook> & { url?: string; options?: Record<string, string> } = {}) => {
  const { url = 'https://example.com/hook?key=s3cret', options = {}, ...rest } = about
  const compiled: CompiledHook = {
    id: 'ops-system/notices',
    namespace: 'ops-system',
    name: 'notices',
    revision: 'r1',
    type: 'webhook',
    subject: 'ops.>',
    include: [],
    exclude: [],
    matchMode: 'ANY',
    matchType: 'CONTAINS',
    // The seal of this world: what is in it, and what it is about.
    sealed: JSON.stringify([{ url, options, additional: 'action: x' }, rest.id ?? 'ops-system/notices']),
    ...rest,
  }
  return compiled
}

const delivery = (id: string, more: Partial<Delivery> = {}): Delivery => ({
  specversion: '1.0',
  id: `event-${id}`,
  source: 'https://example.com/cluster',
  type: 'Default',
  subject: 'ops.clusters.c1.nodes.n1.events',
  data: { n: id },
  hook: 'ops-system/notices',
  hookrevision: 'r1',
  deliveryid: id,
  ...more,
})

type Sent = { url: string; id: string | undefined; body: unknown }
const answer = (status: number, more: Partial<HttpAnswer> = {}): HttpAnswer => ({
  status,
  retryAfter: undefined,
  body: '',
  cut: false,
  ...more,
})

function worldOf(
  otherwise: Partial<World> & { hooks?: () => Promise<{ revision: string; hooks: CompiledHook[] }> } = {},
) {
  const requests: Sent[] = []
  const remembered = new Set<string>()
  let opened = 0
  const world: World = {
    hooks: async () => ({ revision: 's1', hooks: [hook()] }),
    open(sealed, about) {
      opened++
      const [destination, sealedFor] = JSON.parse(sealed)
      if (sealedFor !== about) throw new Error('Cannot open the seal')
      return JSON.stringify(destination)
    },
    async post(url, { headers, body }) {
      requests.push({ url: url.href, id: headers['webhook-id'], body: JSON.parse(String(body)) })
      return answer(200)
    },
    sent: async keys => keys.map(key => remembered.has(key)),
    remember: async keys => keys.forEach(key => void remembered.add(key)),
    now: () => Date.parse('2026-01-31T12:00:00Z'),
    timeZone: 'UTC',
    loopback: false,
    patience: 15_000,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    ...otherwise,
  }
  return { handle: deliver(world), requests, remembered, opened: () => opened }
}

describe('deliver()', () => {
  it('sends the event as the hook says, without what only the way here needed', async () => {
    const { handle, requests } = worldOf()
    expect(await handle([delivery('d1', { attempt: 3 })])).toEqual([{ kind: 'done' }])
    expect(requests).toEqual([
      {
        url: 'https://example.com/hook?key=s3cret',
        id: 'd1',
        body: {
          event: {
            specversion: '1.0',
            id: 'event-d1',
            source: 'https://example.com/cluster',
            type: 'Default',
            subject: 'ops.clusters.c1.nodes.n1.events',
            data: { n: 'd1' },
          },
          text: '{"n":"d1"}',
          additional: 'action: x',
          hook: { namespace: 'ops-system', name: 'notices' },
          delivery: { id: 'd1', attempt: 3 },
        },
      },
    ])
  })

  it('sends what waited for a hook that was edited to its new url', async () => {
    let set = { revision: 's1', hooks: [hook()] }
    const { handle, requests } = worldOf({ hooks: async () => set })
    await handle([delivery('d1')])
    set = { revision: 's2', hooks: [hook({ revision: 'r2', url: 'https://new.example.com/' })] }
    await handle([delivery('d2')])
    expect(requests.map(({ url }) => url)).toEqual([
      'https://example.com/hook?key=s3cret',
      'https://new.example.com/',
    ])
  })

  it('opens the seal of a hook once for a set of hooks', async () => {
    const hooks = { revision: 's1', hooks: [hook()] }
    const { handle, opened } = worldOf({ hooks: async () => hooks })
    await handle([delivery('d1'), delivery('d2')])
    await handle([delivery('d3')])
    expect(opened()).toBe(1)
  })

  it('passes user and password of a url on as every HTTP client does', async () => {
    const headers: Record<string, string>[] = []
    const { handle } = worldOf({
      hooks: async () => ({ revision: 's1', hooks: [hook({ url: 'https://user:p%40ss@example.com/' })] }),
      post: async (_, request) => {
        headers.push(request.headers)
        return answer(200)
      },
    })
    await handle([delivery('d1')])
    expect(headers[0]).toMatchObject({ authorization: `Basic ${btoa('user:p@ss')}` })
  })
})

describe('deliver() drops', () => {
  it.each([
    ['for a hook that is gone', [], 'Hook "ops-system/notices" does not exist any more'],
    [
      'for a hook that became one of type event',
      [hook({ type: 'event', target: 'alerts' })],
      'Hook "ops-system/notices" is of type event now and sends nothing',
    ],
    [
      'for a receiver on this machine',
      [hook({ url: 'http://localhost:8080/key' })],
      'Hook "ops-system/notices": Nothing is sent to "localhost": it is this machine itself',
    ],
    ['for a url that is none', [hook({ url: 's3cret' })], 'Hook "ops-system/notices": Its url is no URL'],
    [
      'for an option that says nothing',
      [hook({ options: { format: 'xml' } })],
      'Hook "ops-system/notices": options.format is "xml", it has to be json, text, cloudevent',
    ],
  ])('%s', async (_, hooks, reason) => {
    const { handle, requests } = worldOf({ hooks: async () => ({ revision: 's1', hooks }) })
    expect(await handle([delivery('d1')])).toEqual([{ kind: 'drop', reason }])
    expect(requests).toEqual([])
  })

  it('what is no delivery, and sends the others', async () => {
    const { handle, requests } = worldOf()
    const { deliveryid: _, ...bare } = delivery('d1')
    expect(await handle([bare, delivery('d2')])).toMatchObject([{ kind: 'drop' }, { kind: 'done' }])
    expect(requests.map(({ id }) => id)).toEqual(['d2'])
  })

  it('what the receiver will never take, with what it said', async () => {
    const { handle } = worldOf({
      post: async () => answer(400, { body: 'unknown field "event" at /hook?key=s3cret' }),
    })
    expect(await handle([delivery('d1')])).toEqual([
      { kind: 'drop', reason: 'example.com answered 400: unknown field "event" at …', code: 400 },
    ])
  })
})

describe('deliver() of what was sent already', () => {
  it('sends nothing again, and says done', async () => {
    const { handle, requests } = worldOf()
    await handle([delivery('d1')])
    expect(await handle([delivery('d1'), delivery('d2')])).toEqual([{ kind: 'done' }, { kind: 'done' }])
    expect(requests.map(({ id }) => id)).toEqual(['d1', 'd2'])
  })

  it('remembers after the receiver said so, and only then', async () => {
    const { handle, remembered } = worldOf({
      post: async (_, { headers }) => {
        expect([...remembered]).not.toContain(`ops-events:sent:${headers['webhook-id']}`)
        return answer(headers['webhook-id'] === 'd2' ? 500 : 200)
      },
    })
    expect(await handle([delivery('d1'), delivery('d2')])).toMatchObject([
      { kind: 'done' },
      { kind: 'retry' },
    ])
    expect([...remembered]).toEqual(['ops-events:sent:d1'])
  })
})

describe('deliver() of a batch', () => {
  it('keeps the order of one object, with nothing waiting behind one that failed', async () => {
    const order: (string | undefined)[] = []
    const { handle } = worldOf({
      post: async (_, { headers }) => {
        order.push(headers['webhook-id'])
        if (headers['webhook-id'] === 'd1') throw new NoAnswer('example.com did not answer: ECONNREFUSED')
        return answer(200)
      },
    })
    expect(await handle(['d1', 'd2', 'd3'].map(id => delivery(id)))).toEqual([
      { kind: 'retry', reason: 'example.com did not answer: ECONNREFUSED' },
      { kind: 'done' },
      { kind: 'done' },
    ])
    expect(order).toEqual(['d1', 'd2', 'd3'])
  })

  it('sends different objects at once, at most 16', async () => {
    const answers: (() => void)[] = []
    const { handle } = worldOf({
      post: () => new Promise(resolve => answers.push(() => resolve(answer(200)))),
    })
    const all = handle(
      Array.from({ length: 20 }, (_, n) => delivery(`d${n}`, { subject: `ops.n${n}.events` })),
    )
    await expect.poll(() => answers.length).toBe(16)
    for (let at = 0; at < 20; at++) {
      await expect.poll(() => answers.length).toBeGreaterThan(at)
      answers[at]?.()
    }
    expect(await all).toHaveLength(20)
  })

  it('begins no send when its time is over, and does not count that as an attempt', async () => {
    let now = 0
    const { handle, requests } = worldOf({
      now: () => now,
      post: async () => {
        now += 10_000
        throw new NoAnswer('example.com did not answer within 15 s')
      },
    })
    expect(await handle(['d1', 'd2', 'd3'].map(id => delivery(id)))).toEqual([
      { kind: 'retry', reason: 'example.com did not answer within 15 s' },
      { kind: 'retry', reason: 'example.com did not answer within 15 s' },
      { kind: 'retry', reason: 'Its batch took too long', attempted: false },
    ])
    expect(requests).toEqual([])
  })

  it('has it come again when the seal does not open, for the key may be at fault', async () => {
    const other = hook({ id: 'ops-system/other', name: 'other', sealed: hook().sealed })
    const { handle } = worldOf({ hooks: async () => ({ revision: 's1', hooks: [hook(), other] }) })
    expect(await handle([delivery('d1', { hook: 'ops-system/other' }), delivery('d2')])).toEqual([
      { kind: 'retry', reason: 'webhook-deliver failed, its log says why' },
      { kind: 'done' },
    ])
  })

  it('has every delivery wait, as not attempted, when there are no hooks', async () => {
    const { handle } = worldOf({ hooks: () => Promise.reject(new Error('NATS is away')) })
    expect(await handle([delivery('d1')])).toEqual([
      { kind: 'retry', reason: 'No hooks to deliver for: NATS is away', attempted: false },
    ])
  })
})
