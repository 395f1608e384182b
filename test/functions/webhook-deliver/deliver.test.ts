import { describe, expect, it } from 'vitest'
import { guardOf } from '../../../functions/webhook-deliver/address.ts'
import { openCircuits } from '../../../functions/webhook-deliver/circuits.ts'
import { deliver, type World } from '../../../functions/webhook-deliver/deliver.ts'
import { noTargets } from '../../../functions/webhook-deliver/targets.ts'
import { type HttpAnswer, NoAnswer } from '../../../shared/adapters/http.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import { compiledHook } from '../../compiled-hook.ts'
import { quiet } from '../../quiet.ts'

const hook = (about: Partial<CompiledHook> & { url?: string; options?: Record<string, string> } = {}) => {
  const { url = 'https://example.com/hook?key=s3cret', options = {}, ...rest } = about
  // The seal of this world: what is in it, and what it is about.
  const sealed = JSON.stringify([{ url, options, additional: 'action: x' }, rest.id ?? 'ops-system/notices'])
  return compiledHook('ops-system/notices', { sealed, ...rest })
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

/** As Redis is when it is away. */
const nowhere = {
  read: async () => undefined,
  put: async () => false,
  forget: async () => false,
  claim: async () => undefined,
}
const sent = (hook = 'ops-system/notices') => ({ kind: 'done', tally: { [hook]: { delivered: 1 } } })

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
    circuits: openCircuits(nowhere, { now: () => 0, random: () => 0, lease: 1, wait: 5_000 }),
    urlProblem: guardOf({ loopback: false, allow: noTargets, deny: noTargets }).url,
    now: () => Date.parse('2026-01-31T12:00:00Z'),
    publish: () => Promise.reject(new Error('Nothing is ordered here')),
    allowance: async () => undefined,
    timeZone: 'UTC',
    patience: 15_000,
    log: quiet,
    ...otherwise,
  }
  return { handle: deliver(world), requests, remembered, opened: () => opened }
}

describe('deliver()', () => {
  it('sends the event as the hook says, without what only the way here needed', async () => {
    const { handle, requests } = worldOf()
    expect(await handle([delivery('d1', { attempt: 3 })])).toEqual([sent()])
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

  it('tells what noise control has to tell, in fields of their own', async () => {
    const { handle, requests } = worldOf()
    await handle([
      delivery('d1', {
        ...{
          notice: 'resolved',
          resolves: 'd0',
          raisedat: '2026-01-31T11:55:50Z',
          time: '2026-01-31T12:00:00Z',
        },
        ...{ held: 3, heldsince: '2026-01-31T11:59:00Z' },
      }),
    ])
    expect(requests[0]?.body).toMatchObject({
      text: '{"n":"d1"} \nresolved after 4m10s \n3 more like this were held back since 11:59:00 \n',
      notice: 'resolved',
      held: { count: 3, since: '2026-01-31T11:59:00Z' },
      resolved: { delivery: 'd0', from: '2026-01-31T11:55:50Z', to: '2026-01-31T12:00:00Z' },
    })
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
      'Hook "ops-system/notices": options.format has to be one of json, text, cloudevent',
    ],
  ])('%s', async (_, hooks, reason) => {
    const { handle, requests } = worldOf({ hooks: async () => ({ revision: 's1', hooks }) })
    expect(await handle([delivery('d1')])).toEqual([{ kind: 'drop', reason }])
    expect(requests).toEqual([])
  })

  it('what is no delivery, and sends the others', async () => {
    const { handle, requests } = worldOf()
    const { deliveryid: _, ...bare } = delivery('d1')
    expect(await handle([bare, delivery('d2')])).toMatchObject([{ kind: 'drop' }, sent()])
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
    expect(await handle([delivery('d1'), delivery('d2')])).toEqual([{ ...sent(), recalled: true }, sent()])
    expect(requests.map(({ id }) => id)).toEqual(['d1', 'd2'])
  })

  it('remembers after the receiver said so, and only then', async () => {
    const { handle, remembered } = worldOf({
      post: async (_, { headers }) => {
        expect([...remembered]).not.toContain(`ops-events:sent:${headers['webhook-id']}`)
        return answer(headers['webhook-id'] === 'd2' ? 500 : 200)
      },
    })
    expect(await handle([delivery('d1'), delivery('d2')])).toMatchObject([sent(), { kind: 'retry' }])
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
      sent(),
      sent(),
    ])
    expect(order).toEqual(['d1', 'd2', 'd3'])
  })

  it('sends different objects at once, at most 16', async () => {
    const answers: (() => void)[] = []
    let known = false
    const { handle } = worldOf({
      post: () =>
        known
          ? new Promise(resolve => answers.push(() => resolve(answer(200))))
          : Promise.resolve(answer(200)),
    })
    await handle([delivery('d')])
    known = true
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

  it('sends two at once to a receiver that has not answered yet, and lets the others wait for it', async () => {
    const answers: (() => void)[] = []
    const { handle } = worldOf({
      post: () => new Promise(resolve => answers.push(() => resolve(answer(200)))),
    })
    const all = handle(
      Array.from({ length: 8 }, (_, n) => delivery(`d${n}`, { subject: `ops.n${n}.events` })),
    )
    await expect.poll(() => answers.length).toBe(2)
    answers[0]?.()
    await expect.poll(() => answers.length).toBe(8)
    for (const go of answers) go()
    expect(await all).toEqual(Array.from({ length: 8 }, () => sent()))
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
      sent(),
    ])
  })

  it('has every delivery wait, as not attempted, when there are no hooks', async () => {
    const { handle } = worldOf({ hooks: () => Promise.reject(new Error('NATS is away')) })
    expect(await handle([delivery('d1')])).toEqual([
      { kind: 'retry', reason: 'No hooks to deliver for: NATS is away', attempted: false },
    ])
  })
})

describe('deliver() to a receiver in trouble', () => {
  const circuits = (wait = 5_000) => openCircuits(nowhere, { now: () => 0, random: () => 0, lease: 1, wait })
  const deliveries = (count: number) =>
    Array.from({ length: count }, (_, n) => delivery(`d${n}`, { subject: `ops.n${n}.events` }))

  it('tries five or six of a batch, and gives the others back untried', async () => {
    let posts = 0
    const { handle } = worldOf({
      circuits: circuits(),
      post: async () => {
        posts++
        return answer(503)
      },
    })
    const outcomes = await handle(deliveries(50))
    // Two are on their way at once.
    expect(posts).toBeLessThanOrEqual(6)
    expect(outcomes.filter(outcome => 'attempted' in outcome)).toHaveLength(50 - posts)
    expect(outcomes.at(-1)).toEqual({
      kind: 'retry',
      reason: 'example.com has failed again and again and is left alone for 4s',
      after: 4_000,
      attempted: false,
    })
  })

  it('waits for two that hang and no more', async () => {
    let posts = 0
    const gate = Promise.withResolvers<void>()
    const { handle } = worldOf({
      circuits: circuits(10),
      post: async () => {
        posts++
        await gate.promise
        throw new NoAnswer('example.com did not answer within 15 s', { kind: 'late' })
      },
    })
    const all = handle(deliveries(50))
    await expect.poll(() => posts).toBe(2)
    gate.resolve()
    const outcomes = await all
    expect(posts).toBe(2)
    expect(outcomes.filter(outcome => !('attempted' in outcome))).toHaveLength(2)
    expect(outcomes).toContainEqual({
      kind: 'retry',
      reason: 'example.com has not answered what was sent before',
      after: 2_000,
      attempted: false,
    })
  })

  it('sends to the receivers of other hooks meanwhile, be it on the same host', async () => {
    const other = hook({ id: 'ops-system/other', name: 'other', url: 'https://example.com/other' })
    const { handle } = worldOf({
      circuits: circuits(),
      hooks: async () => ({ revision: 's1', hooks: [hook(), other] }),
      post: async url => answer(url.pathname === '/other' ? 200 : 503),
    })
    await handle(deliveries(10))
    expect(await handle([delivery('o1', { hook: 'ops-system/other' }), delivery('d99')])).toMatchObject([
      sent('ops-system/other'),
      { kind: 'retry', attempted: false },
    ])
  })

  it('answers for the batches of others while one hangs', async () => {
    const others = Array.from({ length: 19 }, (_, n) =>
      hook({ id: `ops-system/h${n}`, name: `h${n}`, url: `https://h${n}.example.com/` }),
    )
    const gate = Promise.withResolvers<void>()
    const { handle } = worldOf({
      circuits: circuits(10),
      hooks: async () => ({ revision: 's1', hooks: [hook(), ...others] }),
      async post({ host }) {
        if (host === 'example.com') await gate.promise
        return answer(200)
      },
    })
    const hanging = handle(deliveries(50))
    const rest = others.map(({ id }) => handle(deliveries(50).map(one => ({ ...one, hook: id }))))
    for (const [n, outcomes] of (await Promise.all(rest)).entries()) {
      expect(outcomes).toEqual(Array.from({ length: 50 }, () => sent(`ops-system/h${n}`)))
    }
    gate.resolve()
    expect(await hanging).toHaveLength(50)
  })

  it('does not hold refusals against it', async () => {
    let posts = 0
    const { handle } = worldOf({
      circuits: circuits(),
      post: async () => {
        posts++
        return answer(posts % 2 === 0 ? 404 : 400)
      },
    })
    await handle(deliveries(20))
    expect(posts).toBe(20)
  })

  it('drops what the guard does not allow, which is none of the receiver’s failures', async () => {
    let posts = 0
    const { handle } = worldOf({
      circuits: circuits(),
      post: async () => {
        posts++
        throw new NoAnswer('Nothing is sent to "example.com" at 127.0.0.1: no', { kind: 'forbidden' })
      },
    })
    const outcomes = await handle(deliveries(8))
    expect(posts).toBe(8)
    expect(outcomes.at(-1)).toEqual({
      kind: 'drop',
      reason: 'Hook "ops-system/notices": Nothing is sent to "example.com" at 127.0.0.1: no',
    })
  })
})

describe('deliver() of a replayed dead letter', () => {
  it('sends it once more for each replay, with the same id', async () => {
    const { handle, requests, remembered } = worldOf()
    const replays = [undefined, 'r1', 'r1', 'r2'].map(replayid =>
      delivery('d1', replayid ? { replayid } : {}),
    )
    for (const replay of replays) expect(await handle([replay])).toMatchObject([sent()])
    expect(requests.map(({ id }) => id)).toEqual(['d1', 'd1', 'd1'])
    expect([...remembered]).toEqual(['d1', 'd1:r1', 'd1:r2'].map(key => `ops-events:sent:${key}`))
  })
})

describe('deliver() by the options of a hook', () => {
  it('signs, proves itself and adds headers, and shows none of the secrets', async () => {
    const options = { secret: 'a-key-for-signing', bearer: 's3cret-token', 'headers.X-Team': 'ops' }
    const seen: { headers: Record<string, string>; body: string }[] = []
    const { handle } = worldOf({
      hooks: async () => ({ revision: 's1', hooks: [hook({ options })] }),
      post: async (_, { headers, body }) => {
        seen.push({ headers, body: String(body) })
        return answer(500, {
          body: `bad token ${headers.authorization}, not s3cret-token; a-key-for-signing`,
        })
      },
    })
    expect(await handle([delivery('d1')])).toEqual([
      {
        kind: 'retry',
        reason: 'example.com answered 500: bad token Bearer …, not …; …',
        code: 500,
      },
    ])
    expect(seen[0]?.headers).toEqual({
      authorization: 'Bearer s3cret-token',
      'content-type': 'application/json',
      'user-agent': 'ops-events',
      'webhook-id': 'd1',
      'ops-hops': '1',
      'webhook-timestamp': '1769860800',
      'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
      'x-team': 'ops',
    })
    expect(seen[0]?.body).not.toContain('key-for-signing')
  })

  it('drops with the name of an option that is wrong, and not its value', async () => {
    for (const [name, value] of [
      ['secret', 'whsec_s3cret!'],
      ['bearer', 's3cret s3cret'],
      ['headers.Host', 's3cret'],
    ] as const) {
      const { handle } = worldOf({
        hooks: async () => ({ revision: 's1', hooks: [hook({ options: { [name]: value } })] }),
      })
      const [outcome] = await handle([delivery('d1')])
      expect(outcome).toMatchObject({ kind: 'drop', reason: expect.stringContaining(`options.${name}`) })
      expect(JSON.stringify(outcome)).not.toContain('s3cret')
    }
  })
})

describe('deliver() to a service that takes many at once', () => {
  const search = hook({ type: 'elasticsearch', url: 'https://example.com/events' })
  const bulk = (...statuses: number[]) =>
    answer(200, {
      body: JSON.stringify({
        errors: statuses.some(status => status > 299),
        items: statuses.map(status => ({
          create: { status, ...(status > 299 && { error: { type: 'x' } }) },
        })),
      }),
    })
  const world = (post: World['post']) =>
    worldOf({ hooks: async () => ({ revision: 's1', hooks: [search] }), post })
  const linesOf = (body: string | Buffer) => String(body).trim().split('\n').length / 2

  it('sends all of a batch in one request, and hears of each what became of it', async () => {
    const ids: (string | undefined)[] = []
    const { handle, remembered } = world(async (_, { headers, body }) => {
      ids.push(headers['webhook-id'])
      expect(linesOf(body)).toBe(3)
      return bulk(201, 400, 429)
    })
    const batch = ['d1', 'd2', 'd3'].map(id => delivery(id))
    expect(await handle(batch)).toMatchObject([sent(), { kind: 'drop' }, { kind: 'retry' }])
    expect([...remembered]).toEqual(['ops-events:sent:d1'])
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)])
  })

  it('sends none of them again that has arrived', async () => {
    const sizes: number[] = []
    const { handle } = world(async (_, { body }) => {
      sizes.push(linesOf(body))
      return bulk(...Array.from({ length: linesOf(body) }, () => 201))
    })
    await handle(['d1', 'd2'].map(id => delivery(id)))
    await handle(['d1', 'd2', 'd3', 'd4'].map(id => delivery(id)))
    expect(sizes).toEqual([2, 2])
  })

  it('looks for the one that spoils a request for all', async () => {
    const sizes: number[] = []
    const { handle } = world(async (_, { body }) => {
      sizes.push(linesOf(body))
      if (String(body).includes('"n":"d3"')) return answer(413)
      return bulk(...Array.from({ length: linesOf(body) }, () => 201))
    })
    const outcomes = await handle(['d1', 'd2', 'd3', 'd4'].map(id => delivery(id)))
    expect(outcomes).toMatchObject([sent(), sent(), { kind: 'drop', code: 413 }, sent()])
    expect(sizes).toEqual([4, 2, 2, 1, 1])
  })

  it('sends at most 1 MiB in one request', async () => {
    const sizes: number[] = []
    const { handle } = world(async (_, { body }) => {
      sizes.push(Buffer.byteLength(body))
      return bulk(...Array.from({ length: linesOf(body) }, () => 201))
    })
    const data = { text: 'x'.repeat(300_000) }
    expect(await handle(['d1', 'd2', 'd3', 'd4', 'd5'].map(id => delivery(id, { data })))).toEqual(
      Array.from({ length: 5 }, () => sent()),
    )
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024)
    expect(sizes).toHaveLength(2)
  })

  it('has all of them wait when nobody answers', async () => {
    const { handle } = world(async () => {
      throw new NoAnswer('example.com did not answer: ECONNREFUSED')
    })
    expect(await handle(['d1', 'd2'].map(id => delivery(id)))).toEqual([
      { kind: 'retry', reason: 'example.com did not answer: ECONNREFUSED' },
      { kind: 'retry', reason: 'example.com did not answer: ECONNREFUSED' },
    ])
  })
})
