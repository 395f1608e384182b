import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardOf } from '../../../functions/webhook-deliver/address.ts'
import { longestAsked } from '../../../functions/webhook-deliver/circuit.ts'
import type { Circuits, Went } from '../../../functions/webhook-deliver/circuits.ts'
import { deliver } from '../../../functions/webhook-deliver/deliver.ts'
import { noTargets } from '../../../functions/webhook-deliver/targets.ts'
import { openSender } from '../../../shared/adapters/http.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import { inWords } from '../../../shared/duration.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import type { Outcome } from '../../../shared/outcome.ts'
import { compiledHook } from '../../compiled-hook.ts'
import { quiet } from '../../quiet.ts'

// Whole seconds, as a date in a header has them.
const now = Math.floor(Date.now() / 1000) * 1000
const httpDate = (ms: number) => new Date(now + ms).toUTCString()

/** What the receivers of one row do; more than one where the row names several. */
type Row = { receivers: Receiver[]; type?: CompiledHook['type'] }
type Receiver = { url: () => string; before?: number }

const closing: (() => void)[] = []
afterAll(() => {
  for (const close of closing) close()
})

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** A receiver for each row on a port of its own, so that none shares a pool with another. */
const ports = new Map<object, number>()
function serving(server: () => Server, host = '127.0.0.1', scheme = 'http'): Receiver {
  const receiver = { url: () => `${scheme}://${host}:${ports.get(receiver)}/s3cret` }
  starting.push(async () => void ports.set(receiver, await listening(server())))
  return receiver
}
const starting: (() => Promise<void>)[] = []

const http = (respond: (response: ServerResponse) => void, host?: string) => {
  const listener: RequestListener = (request, response) => {
    request.resume()
    request.on('end', () => respond(response))
  }
  return serving(() => createServer(listener), host)
}
const tcp = (accept: (socket: Socket) => void) => serving(() => createTcpServer(accept))
const statuses = (...all: number[]): Row => ({
  receivers: all.map(status =>
    http(response => response.writeHead(status).end(status === 204 ? '' : 'said')),
  ),
})
const one = (receiver: Receiver): Row => ({ receivers: [receiver] })
const asking = (status: number, after: string): Row =>
  one(http(response => response.writeHead(status, { 'retry-after': after }).end()))
const saying = (errcode: number): Row => ({
  ...one(http(response => response.end(JSON.stringify({ errcode, errmsg: 'said' })))),
  type: 'dingtalk',
})

/** One byte of the text after the other, and its last one for as long as somebody listens. */
function drip(socket: Socket | ServerResponse, text: string) {
  let at = 0
  const dripping = setInterval(() => socket.write(text[at++] ?? text.slice(-1)), 300)
  socket.on('close', () => clearInterval(dripping))
}

const tls = (name: string) =>
  readFileSync(new URL(`../../fixtures/tls/localhost.${name}`, import.meta.url), 'utf8')
const metadata = 'http://169.254.169.254/latest/meta-data/'

const rows: Record<string, Row> = {
  'answers 200, 201 or 204': statuses(200, 201, 204),
  'answers 200, and hangs in the body': one(
    http(response => response.writeHead(200, { 'content-length': '100' }).write('half')),
  ),
  'answers 200, and sends its body by 1 byte a second': one(
    http(response => drip(response.writeHead(200), '.')),
  ),
  'answers 200 with 10 MB, of which 16 KiB are read': one(
    http(response => response.writeHead(200).end(Buffer.alloc(10_000_000, 'x'))),
  ),
  'resets the connection in the middle of the body of a 200': one(
    http(response => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.socket?.resetAndDestroy())
    }),
  ),
  // Nobody listens on port 1.
  'refuses the connection': one({ url: () => 'http://127.0.0.1:1/s3cret' }),
  'resets the connection': one(tcp(socket => socket.once('data', () => socket.resetAndDestroy()))),
  'speaks something else than HTTP': one(tcp(socket => socket.end('220 mail.example.com ESMTP\r\n'))),
  'shows a certificate that nobody vouches for': one(
    serving(() => createSecureServer({ cert: tls('crt'), key: tls('key') }), '127.0.0.1', 'https'),
  ),
  'has a name that does not resolve': one({ url: () => 'http://nowhere.test/s3cret' }),
  'takes the connection and never answers': one(tcp(() => {})),
  'sends its head by 1 byte a second': one(tcp(socket => drip(socket, 'HTTP/1.1 200 OK'))),
  'answers 301 to a metadata address, which is not followed': one(
    http(response => response.writeHead(301, { location: metadata }).end()),
  ),
  'has a name that has come to stand for 169.254.169.254': one({
    ...http(response => response.setHeader('connection', 'close').end(), 'rebind.test'),
    before: 1,
  }),
  'has a name of which one address of two is 169.254.169.254': one(
    http(response => response.end(), 'mixed.test'),
  ),
  'is 169.254.169.254 itself, or this machine where that is not allowed': {
    receivers: [
      { url: () => metadata },
      { url: () => 'http://[::ffff:169.254.169.254]/s3cret' },
      { url: () => 'http://0/s3cret' },
    ],
  },
  'answers 400, 401, 403, 405, 410, 413, 415 or 422': statuses(400, 401, 403, 405, 410, 413, 415, 422),
  'answers 404, 409 or 425': statuses(404, 409, 425),
  'answers 408, 500, 502, 503 or 504': statuses(408, 500, 502, 503, 504),
  'answers 429 without Retry-After': statuses(429),
  'answers 429 with Retry-After: 7': asking(429, '7'),
  'answers 429 with Retry-After and a date in a minute': asking(429, httpDate(60_000)),
  'answers 429 with Retry-After and a date that is past': asking(429, httpDate(-60_000)),
  'answers 429 with Retry-After: 0': asking(429, '0'),
  'answers 429 with Retry-After: -1': asking(429, '-1'),
  'answers 429 with Retry-After: 1000000000, more than the 2 h that anybody may ask for': asking(
    429,
    '1000000000',
  ),
  'answers 429 with Retry-After: 1e9, which is no number of seconds': asking(429, '1e9'),
  'answers 429 with Retry-After: soon': asking(429, 'soon'),
  'answers 503 with Retry-After: 30': asking(503, '30'),
  'answers 200 with a code that means "too fast" (DingTalk 130101)': saying(130_101),
  'answers 200 with a code that means "wrong key" (DingTalk 300001)': saying(300_001),
}

const deliveriesOf = rowsOf(
  readFileSync(new URL('../../../infra/operate/deliveries.md', import.meta.url), 'utf8'),
)

/** The rows of the first table of a document. */
function rowsOf(text: string): { what: string; outcome: string; circuit: string }[] {
  const lines = text.split('\n')
  const first = lines.findIndex(line => line.startsWith('|---')) + 1
  const table = lines.slice(
    first,
    lines.findIndex((line, at) => at > first && !line.startsWith('|')),
  )
  return table.map(line => {
    const [what = '', outcome = '', circuit = ''] = line
      .split('|')
      .slice(1)
      .map(cell => cell.trim())
    return { what, outcome: outcome.replaceAll('`', ''), circuit }
  })
}

/** What a delivery came to, and what its circuit heard of it. */
type Heard = { outcome: Outcome | undefined; went: Went }

describe('a delivery, when its receiver', () => {
  const heard = new Map<string, Heard[]>()
  const looked: string[] = []

  beforeAll(async () => {
    await Promise.all(starting.map(start => start()))
    const guard = guardOf({ loopback: true, allow: noTargets, deny: noTargets })
    let asked = 0
    const sender = openSender({
      ...{ timeout: 2_000, connectTimeout: 1_500, connections: 2, mostBytes: 16_384 },
      guard(address, host) {
        looked.push(`${host} ${address}`)
        return guard.address(address, host)
      },
      async resolve(host) {
        const [own, other] = [
          { address: '127.0.0.1', family: 4 },
          { address: '169.254.169.254', family: 4 },
        ]
        if (host === 'rebind.test') return [asked++ === 0 ? own : other]
        if (host === 'mixed.test') return [own, other]
        throw Object.assign(new Error('No such name'), { code: 'ENOTFOUND' })
      },
    })
    closing.push(() => void sender.close())
    const all = Object.entries(rows).flatMap(([what, { receivers, type = 'webhook' }]) =>
      receivers.map((receiver, at) => ({
        what,
        receiver,
        hook: hookOf(`${what} ${at}`, receiver.url(), type),
      })),
    )
    const went = new Map<string, Went>()
    const circuits: Circuits = {
      learn: async () => {},
      enter: async key => ({ leave: async how => void went.set(key, how) }),
    }
    const handle = deliver({
      hooks: async () => ({ revision: 's1', hooks: all.map(({ hook }) => hook) }),
      open: sealed => sealed,
      urlProblem: guard.url,
      post: sender.post,
      circuits,
      sent: async keys => keys.map(() => false),
      remember: async () => {},
      now: () => now,
      publish: () => Promise.reject(new Error('Nothing is ordered here')),
      allowance: async () => undefined,
      timeZone: 'UTC',
      patience: 15_000,
      log: quiet,
    })
    const first = all.filter(({ receiver }) => receiver.before).map(({ hook }) => deliveryTo(hook))
    expect(await handle(first)).toMatchObject([{ kind: 'done' }])
    const outcomes = await handle(all.map(({ hook }) => deliveryTo(hook)))
    for (const [at, { what, receiver, hook }] of all.entries()) {
      const { host } = new URL(receiver.url())
      const how = went.get(`ops-events:circuit:${hook.id}:${host}`) ?? 'nothing'
      heard.set(what, [...(heard.get(what) ?? []), { outcome: outcomes[at], went: how }])
    }
  }, 60_000)

  it.each(deliveriesOf)('$what: $outcome, $circuit', ({ what, outcome, circuit }) => {
    for (const { outcome: came, went } of heard.get(what) ?? []) {
      expect(came).toMatchObject({ kind: outcome })
      expect(wordsOf(went)).toBe(circuit)
      expect(JSON.stringify(came)).not.toContain('s3cret')
      if (came?.kind === 'retry' && typeof went === 'object') expect(came.after).toBe(went.after)
    }
    expect(heard.get(what)?.length).toBeGreaterThan(0)
  })

  it('stands for a metadata address, is refused by the guard, which follows no redirect there either', () => {
    const hosts = looked.filter(line => line.endsWith(' 169.254.169.254')).map(line => line.split(' ')[0])
    expect([...new Set(hosts)].sort()).toEqual(['mixed.test', 'rebind.test'])
  })
})

describe('the table of what becomes of a delivery', () => {
  it('has a row for each of these receivers, and no other', () => {
    expect(deliveriesOf.map(({ what }) => what)).toEqual(Object.keys(rows))
  })

  it('says the same in Chinese', () => {
    const chinese = rowsOf(
      readFileSync(new URL('../../../infra/operate/deliveries.zh-CN.md', import.meta.url), 'utf8'),
    )
    const said = (all: typeof chinese) => all.map(({ outcome, circuit }) => [outcome, circuit])
    const translated = said(chinese).map(([outcome = '', circuit = '']) => [outcome, inEnglish(circuit)])
    expect(translated).toEqual(said(deliveriesOf))
  })
})

const inEnglish = (circuit: string) => circuit.replace('闭合', 'closes').replace(/^断开 /, 'open for ')

/** How the table says it. */
function wordsOf(went: Went): string {
  if (went === 'answered') return 'closes'
  if (went === 'nothing') return '–'
  if (went.after) return `open for ${inWords(Math.min(went.after, longestAsked))}`
  return went.late ? '+3' : '+1'
}

const hookOf = (name: string, url: string, type: CompiledHook['type']): CompiledHook =>
  compiledHook(`ops-system/${name}`, { type, sealed: JSON.stringify({ url, options: {}, additional: '' }) })

const deliveryTo = ({ id }: CompiledHook): Delivery => ({
  ...{
    specversion: '1.0',
    id: 'e1',
    source: 'https://example.com',
    type: 'Default',
    subject: 'ops.a.events',
  },
  ...{ data: { a: 1 }, hook: id, hookrevision: 'r1', deliveryid: `delivery of ${id}` },
})
