import { get } from 'node:http'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { scopeOf } from '../../../../shared/scope.ts'

import { ownNats, sharedRedis } from '../../../servers.ts'
import { stored } from '../../../stored.ts'
import { tokensFile } from '../../../tokens.ts'
import { openApi, openBus, token } from '../rig.ts'
import { minute, openStored } from './rig.ts'

const file = tokensFile({
  shop: { read: ['ops.clusters.*.namespaces.shop.>'] },
  silent: { rights: ['silences'] },
})

const [nats, { server, db, store }] = await Promise.all([ownNats(), openStored()])
await openBus(nats.url)
const api = await openApi(
  { nats: nats.url, redis: sharedRedis() },
  { env: { SERVER_TOKENS_FILE: file, DATABASE_URL: server.url } },
)
// What is too old is not shown, by the clock of the process.
const noon = Math.floor(Date.now() / (60 * minute)) * 60 * minute - 120 * minute
const rows = Array.from({ length: 250 }, (_, at) =>
  stored({
    at: noon - Math.floor(at / 3) * 10_000,
    name: `web-${at % 5}`,
    namespace: at % 2 ? 'shop' : 'bank',
    reason: at % 10 ? 'BackOff' : 'Failed',
    severity: at % 10 ? 'warning' : 'error',
    message: at === 7 ? '=cmd|"calc"!A0, with a\nline' : `Back-off restarting container ${at} of nginx:1.2.3`,
    data: { at },
  }),
)
await store(rows)

const range = `start_time=${noon - 60 * minute}&end_time=${noon + 1}`
const Page = z.object({
  list: z.array(
    z.looseObject({
      time: z.string(),
      namespace: z.string(),
      severity: z.string(),
      event: z.looseObject({ id: z.string() }),
    }),
  ),
  cursor: z.string().optional(),
})
const Groups = z.looseObject({
  from: z.string(),
  list: z.array(z.looseObject({ key: z.record(z.string(), z.string()), occurrences: z.number() })),
  total: z.looseObject({ groups: z.number(), events: z.number(), occurrences: z.number() }),
  truncated: z.boolean(),
})
const ask = async (query: string, bearer?: string) =>
  (await api.ask('GET', `/query?${query}`, { as: Page, ...(bearer && { bearer }) })).data
const idsOf = (page: z.infer<typeof Page>) => page.list.map(({ event }) => event.id)
const ids = (some: typeof rows) => some.map(({ id }) => id).sort()
const raw = (path: string, headers = {}) =>
  fetch(`${api.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } })

describe('a question', () => {
  it('is answered with the events and what was found out of them, newest first', async () => {
    const { list } = await ask(`${range}&reason=Failed&limit=3`)
    expect(list.map(({ time }) => time)).toEqual(
      list
        .map(({ time }) => time)
        .sort()
        .reverse(),
    )
    expect(list[0]).toMatchObject({
      ...{ severity: 'error', kind: 'Pod', reason: 'Failed', cluster: 'prod', occurrences: 1, node: '' },
      event: { specversion: '1.0', type: 'Kube', source: 'test', data: { reason: 'Failed' } },
    })
  })

  it.each([
    ['namespace=shop', (at: number) => at % 2 === 1],
    ['namespace=shop,bank&name=web-0&name=web-1', (at: number) => at % 5 < 2],
    ['severity=error', (at: number) => at % 10 === 0],
    ['severity=info,critical', () => false],
    ['type=Kube&kind=Pod', () => true],
    ['type=Normal', () => false],
    [
      'subject=OPS.clusters.*.namespaces.shop.pods.web-3.events',
      (at: number) => at % 2 === 1 && at % 5 === 3,
    ],
    ['q=restarting%20container%2012', (at: number) => at === 12],
    ['q=%22container%2012%20of%22', (at: number) => at === 12],
    [`correlation=${rows[4]?.correlation}`, (at: number) => rows[at]?.correlation === rows[4]?.correlation],
  ])('finds by %s', async (query, isMeant) => {
    const page = await ask(`${range}&limit=1000&${query}`)
    expect(idsOf(page).sort()).toEqual(ids(rows.filter((_, at) => isMeant(at))))
  })

  it.each(['asc', 'desc'])(
    'is answered page by page %s, nothing twice and nothing left out while events arrive',
    async order => {
      const seen: string[] = []
      let cursor = ''
      for (let pages = 0; pages < 60; pages++) {
        const page: z.infer<typeof Page> = await ask(
          `${range}&order=${order}&limit=${7 + (pages % 3)}${cursor}`,
        )
        seen.push(...idsOf(page))
        await store([stored({ at: noon - pages * minute, name: `late-${order}-${pages}`, reason: 'Late' })])
        if (!page.cursor) break
        cursor = `&cursor=${page.cursor}`
      }
      expect(new Set(seen).size).toBe(seen.length)
      const before = new Set(seen)
      expect(rows.filter(({ id }) => !before.has(id))).toEqual([])
      await db.deleteFrom('events').where('reason', '=', 'Late').execute()
      await db.deleteFrom('counts').where('reason', '=', 'Late').execute()
      await db.deleteFrom('subjects').where('subject', 'like', '%late%').execute()
    },
  )

  it('goes on from a cursor in the range that it began with, though that is told by none', async () => {
    const late = stored({ at: Date.now() - 1_000, name: 'now', reason: 'Now' })
    const later = stored({ at: Date.now() - 2_000, name: 'now', reason: 'Now' })
    await store([late, later])
    const first = await ask('reason=Now&limit=1')
    const next = await ask(`reason=Now&limit=5&cursor=${first.cursor}`)
    expect([...idsOf(first), ...idsOf(next)]).toEqual([late.id, later.id])
    expect(next.cursor).toBeUndefined()
  })
})

describe('events come', () => {
  it('as NDJSON, in many pages, with a cursor behind them where there are more', async () => {
    const answer = await raw(`/query?${range}&limit=100000`, { accept: 'application/x-ndjson' })
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await answer.text()).trimEnd().split('\n')
    const Line = Page.shape.list.element
    expect(lines.map(line => Line.parse(JSON.parse(line)).event.id).sort()).toEqual(ids(rows))
  })

  it('in as many pages as it takes, and a trailer leads on where there are more', async () => {
    const many = Array.from({ length: 2_100 }, (_, at) =>
      stored({ at: noon - 180 * minute - at, name: 'many', reason: 'Many' }),
    )
    await store(many)
    const times = `start_time=${noon - 200 * minute}&end_time=${noon}`
    const url = `${api.url}/api/v1/query?${times}&name=many&format=ndjson&limit=`
    const read = (query: string) =>
      new Promise<{ ids: string[]; cursor: string | undefined }>((resolve, reject) => {
        get(url + query, { headers: { authorization: `Bearer ${token}` } }, async answer => {
          const text = (await answer.toArray()).join('')
          const ids = text
            .trimEnd()
            .split('\n')
            .map(line => Page.shape.list.element.parse(JSON.parse(line)).event.id)
          resolve({ ids, cursor: answer.trailers['ops-cursor'] })
        }).on('error', reject)
      })
    const first = await read('2050')
    const rest = await read(`2050&cursor=${first.cursor}`)
    expect([first.ids.length, rest.ids.length, rest.cursor]).toEqual([2_050, 50, undefined])
    expect([...first.ids, ...rest.ids]).toEqual(many.map(({ id }) => id))
  })

  it('in pages that are short where events are large', async () => {
    const large = Array.from({ length: 20 }, (_, at) =>
      stored({
        ...{ at: noon - 300 * minute - at, name: 'large', reason: 'Large' },
        data: { text: 'y'.repeat(1_000_000) },
      }),
    )
    await store(large)
    const times = `start_time=${noon - 400 * minute}&end_time=${noon}&reason=Large`
    const first = await ask(`${times}&limit=1000`)
    const rest = await ask(`${times}&limit=1000&cursor=${first.cursor}`)
    expect([first.list.length, rest.list.length, rest.cursor]).toEqual([17, 3, undefined])
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(large.map(({ id }) => id))
    const lines = (await (await raw(`/query?${times}&format=csv`)).text()).trimEnd().split('\r\n')
    expect(lines).toHaveLength(21)
    const older = (size: number) =>
      raw(`/events/ops.clusters.*.namespaces.shop.pods.large.events?page_size=${size}`)
    expect([(await older(5)).status, (await older(100)).status]).toEqual([200, 400])
  })

  it('as CSV that no spreadsheet runs', async () => {
    const answer = await raw(`/query?${range}&format=csv&limit=100000&q=calc`)
    const text = await answer.text()
    expect(text.split('\r\n')[0]).toMatch(/^time,severity,category,cluster,namespace,.*,event$/)
    expect(text).toContain(`,"'=cmd|""calc""!A0, with a\nline",`)
    expect(text.endsWith('"\r\n')).toBe(true)
  })
})

describe('counting', () => {
  const count = async (query: string, bearer?: string) =>
    (await api.ask('GET', `/aggregate?${query}`, { as: Groups, ...(bearer && { bearer }) })).data

  it('tells the groups with the most occurrences, and the rest as one', async () => {
    const answer = await count(`${range}&by=namespace,name&top=3`)
    expect(answer).toMatchObject({
      from: 'events',
      truncated: true,
      total: { groups: 10, events: 250 },
      other: { groups: 7, events: 175 },
    })
    expect(answer.list).toHaveLength(3)
    expect(answer.list[0]).toMatchObject({
      key: { namespace: 'bank', name: 'web-0' },
      events: 25,
      rate: 0.4167,
    })
  })

  it('tells the spans in which something happened', async () => {
    const { list, from } = await count(`${range}&by=reason&bucket=5m`)
    expect(from).toBe('counts')
    const Spans = z.array(z.object({ time: z.string(), events: z.number() }))
    const spans = Spans.parse(list[0]?.buckets)
    expect(list[0]?.key).toEqual({ reason: 'BackOff' })
    const iso = (ago: number) => new Date(noon - ago * minute).toISOString()
    expect(spans.map(({ time }) => time)).toEqual([iso(15), iso(10), iso(5), iso(0)])
    expect(spans.reduce((sum, { events }) => sum + events, 0)).toBe(225)
  })

  it('tells nothing where there is nothing', async () => {
    expect(await count(`${range}&reason=None`)).toMatchObject({
      list: [],
      total: { groups: 0, events: 0 },
      truncated: false,
    })
  })

  it('counts for a token what it may read, from the roll-up too', async () => {
    expect(await count(`${range}`, 'shop-token')).toMatchObject({ from: 'counts', total: { events: 125 } })
    expect(await count(`${range}&by=namespace`, 'shop-token')).toMatchObject({
      total: { groups: 1 },
      list: [{ key: { namespace: 'shop' } }],
    })
  })
})

describe('a token that may read one namespace', () => {
  it('sees nothing else, whatever it asks for', async () => {
    const questions = [
      '',
      'namespace=bank',
      'subject=ops.>',
      'subject=ops.clusters.*.namespaces.bank.>',
      'q=nginx',
      `correlation=${rows[0]?.correlation}`,
      'order=asc',
    ]
    for (const question of questions) {
      const { list } = await ask(`${range}&limit=1000&${question}`, 'shop-token')
      expect(
        list.filter(({ namespace }) => namespace !== 'shop'),
        question,
      ).toEqual([])
    }
    const { data } = await api.ask('GET', '/events?page_size=1000', {
      bearer: 'shop-token',
      as: z.looseObject({ list: z.array(z.string()), total: z.number() }),
    })
    expect(data.total).toBe(data.list.length)
    expect(data.list.map(scopeOf)).toEqual(
      data.list.map(() => 'ops.clusters.prod.namespaces.shop.pods.*.events'),
    )
  })

  it('cannot go on with the cursor of another', async () => {
    const { cursor } = await ask(`${range}&limit=1`)
    expect(
      await api.ask('GET', `/query?${range}&limit=1&cursor=${cursor}`, { bearer: 'shop-token' }),
    ).toMatchObject({ status: 400 })
  })

  it('is told so where it may read nothing', async () => {
    for (const path of [
      ...['/query', '/aggregate', '/events', '/events/ops.%3E', '/tail'],
      ...['/patterns', '/correlations', '/correlations/x'],
    ])
      expect(await api.ask('GET', path, { bearer: 'silent-token' }), path).toMatchObject({
        status: 403,
        message: 'Token "silent" may read no events: it needs a subject in "read"',
      })
  })
})

describe('as the older system answered', () => {
  it('subjects are listed', async () => {
    expect((await api.ask('GET', '/events?search=.SHOP.PODS.web&page=2&page_size=2')).data).toEqual({
      ...{ total: 5, page: 2, page_size: 2 },
      list: [2, 3].map(at => `ops.clusters.prod.namespaces.shop.pods.web-${at}.events`),
    })
  })

  it('the latest events of a pattern are shown', async () => {
    const path = `/events/${encodeURIComponent('ops.clusters.*.namespaces.shop.pods.*.events')}`
    const times = `start_time=${noon - 60 * minute}&end_time=${noon + 1}`
    const { data } = await api.ask('GET', `${path}?${times}&max_length=12&page=2&page_size=10`, {
      as: z.looseObject({ list: z.array(z.looseObject({ subject: z.string(), time: z.string() })) }),
    })
    expect(data).toMatchObject({ total: 12, page: 2, page_size: 10 })
    expect(data.list).toHaveLength(2)
    expect(data.list[0]).toMatchObject({
      time: expect.stringMatching(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/),
      event: { type: 'Kube', data: { namespace: 'shop' } },
    })
  })
})

const bad: [what: string, path: string, said: RegExp][] = [
  [
    'a wrong wildcard',
    '/query?subject=ops.%3E.a',
    /subject: "ops\.>\.a" is no subject pattern: token 2 is ">", which is allowed only at the end/,
  ],
  ['an empty token', '/tail?subject=ops..a', /token 2 is empty/],
  ['a wrong wildcard in the path', '/events/ops.%3E.a', /"ops\.>\.a" is no subject pattern/],
  [
    'a range backwards',
    '/query?start_time=2000&end_time=1000',
    /the range is backwards, start_time 1970-01-01T00:00:02\.000Z is not before end_time/,
  ],
  [
    'a range that is to begin tomorrow',
    '/aggregate?start_time=9000-01-01T00:00:00Z',
    /the range is backwards/,
  ],
  ['a time out of bounds', '/query?start_time=999999999999999', /start_time: it has to be from 1970 to 9999/],
  ['a time before all', '/query?start_time=-1', /start_time: it has to be Unix milliseconds/],
  ['1e9', '/query?start_time=1e9', /start_time: it has to be Unix milliseconds/],
  ['a limit of 10^9', '/query?limit=1000000000', /limit: it has to be a whole number from 1 to 1000000/],
  [
    'a limit that is too high for JSON',
    '/query?limit=1001',
    /limit: it has to be a whole number from 1 to 1000 as json/,
  ],
  ['a limit of 1e2', '/query?limit=1e2', /limit: it has to be a whole number/],
  ['an unknown parameter', '/query?namespce=a', /no parameter "namespce", did you mean "namespace"\?/],
  ['a parameter twice', '/query?limit=1&limit=2', /"limit" is given twice/],
  [
    'an unknown severity',
    '/query?severity=warning,bad',
    /severity\.1: it has to be info, warning, error, critical/,
  ],
  ['no word', '/query?q=%2A%21', /q: it has no word to look for/],
  ['a long q', `/query?q=${'a'.repeat(600)}`, /q: it has more than 512 characters/],
  [
    'too many values',
    `/query?name=${Array.from({ length: 101 }, (_, at) => at).join(',')}`,
    /name: it has more than 100 values/,
  ],
  ['an unknown form', '/query?format=xml', /format: it has to be json, ndjson, csv/],
  ['an unknown order', '/query?order=up', /order: it has to be desc or asc/],
  ['no cursor', '/query?cursor=abc', /cursor: it is none of this question/],
  ['grouping by what there is not', '/aggregate?by=reason,uid', /by\.1: it has to be one of cluster/],
  ['too many groupings', '/aggregate?by=cluster,namespace,kind,name,reason', /by: it has more than 4 names/],
  ['a bucket of nothing', '/aggregate?bucket=0s', /bucket: it has to be a duration of whole seconds/],
  [
    'too many spans',
    '/aggregate?bucket=1s&start_time=2026-01-01T00:00:00Z',
    /that makes \d+ spans over all groups, 50000 are allowed/,
  ],
  ['too many groups', '/aggregate?by=name&top=1000000', /top: it has to be a whole number from 1 to 1000/],
  ['a bad page', '/events?page=0', /page: it has to be a whole number/],
  ['a tail of a range', '/tail?start_time=1', /there is no parameter "start_time"/],
]

describe('is refused with its reason', () => {
  it.each(bad)('%s', async (_, path, said) => {
    const answered = await api.ask('GET', path)
    expect(answered).toMatchObject({ status: 400, message: expect.stringMatching(said) })
  })

  it('a cursor of another question, or that was changed', async () => {
    const { cursor = '' } = await ask(`${range}&limit=1`)
    const others = [
      `${range}&limit=1&namespace=shop&cursor=${cursor}`,
      `${range}&limit=1&order=asc&cursor=${cursor}`,
      `start_time=${noon}&limit=1&cursor=${cursor}`,
      `${range}&limit=1&cursor=${cursor.slice(0, -2)}AA`,
      `${range}&limit=1&cursor=${cursor.slice(4)}`,
    ]
    for (const other of others)
      expect(await api.ask('GET', `/query?${other}`), other).toMatchObject({
        status: 400,
        message: expect.stringContaining('cursor: it is none of this question'),
      })
    for (const same of [`${range}&limit=50`, 'limit=50'])
      expect(await api.ask('GET', `/query?${same}&cursor=${cursor}`)).toMatchObject({ status: 200 })
  })

  it('what no place is behind Last-Event-ID', async () => {
    expect((await raw('/tail', { 'last-event-id': '-1' })).status).toBe(400)
  })
})

it('takes SQL, JSON and what no database holds in every parameter for what it is', async () => {
  const nasty = [
    "' or 1=1 --",
    "'; drop table events; --",
    '{"$ne": null}',
    '%',
    '_',
    '\\',
    '%00',
    '%FF%FE',
    '%ED%A0%80',
    '{{sql}}',
    '*'.repeat(300),
    '"',
    '""',
    "E'\\x'",
    '0x41',
    'null',
  ]
  const names = [
    'start_time',
    'end_time',
    'subject',
    'cluster',
    'namespace',
    'kind',
    'name',
    'type',
    'reason',
    'category',
    'severity',
    'correlation',
    'q',
    'limit',
    'order',
    'cursor',
    'format',
  ]
  for (const name of names)
    for (const value of nasty) {
      const encoded = value.startsWith('%') && value.length > 1 ? value : encodeURIComponent(value)
      const answer = await raw(
        `/query?${range.replace(new RegExp(`&?${name}=\\d+`), '').replace(/^&/, '')}&${name}=${encoded}`,
      )
      const text = await answer.text()
      expect([200, 400], `${name}=${value}: ${text}`).toContain(answer.status)
      if (answer.status === 200 && !['q', 'subject'].includes(name))
        expect(JSON.parse(text), `${name}=${value}`).toMatchObject({ data: { list: [] } })
    }
  for (const value of nasty)
    expect([200, 400, 404]).toContain(
      (await raw(`/events/${encodeURIComponent(value.slice(0, 200))}`)).status,
    )
  expect((await ask(`${range}&limit=1000`)).list).toHaveLength(250)
})
