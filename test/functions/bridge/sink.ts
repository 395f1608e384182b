import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { OpsEvent } from '../../../shared/event.ts'
import type { Tally } from '../../../shared/tally.ts'

/** A request as a sink sees it; `events` as far as the body is a batch. */
export type Call = { at: number; headers: IncomingHttpHeaders; body: string; events: OpsEvent[] }
export type Row = {
  status: number
  reason?: string
  retryAfter?: number
  attempted?: false
  tally?: Tally
  recalled?: true
}
/** What a sink does: a verdict on each event, one on the request, a reset, or nothing at all. */
export type Reply =
  | ((event: OpsEvent) => Row | number)
  | { status: number; headers?: Record<string, string>; body?: string }
  | 'reset'
  | 'hang'

/** A real HTTP sink on this machine that does what the test says. */
export type Sink = {
  url: string
  calls: Call[]
  /** How often each event was taken with a 2xx, in order of the first time. */
  taken: Map<string, number>
  /** The same with every repeat, in order. */
  order: string[]
  close(): Promise<void>
}

export async function openSink(
  reply: (call: Call) => Reply | Promise<Reply> = () => () => 200,
  port = 0,
): Promise<Sink> {
  const calls: Call[] = []
  const taken = new Map<string, number>()
  const order: string[] = []
  const sockets = new Set<Socket>()
  const take = (id: string) => {
    taken.set(id, (taken.get(id) ?? 0) + 1)
    order.push(id)
  }
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts).toString('utf8')
    const call = {
      at: performance.now(),
      headers: request.headers,
      body,
      events: eventsIn(request.headers, body),
    }
    calls.push(call)
    const way = await reply(call)
    if (way === 'hang') return
    if (way === 'reset') return request.socket.destroy()
    if (typeof way === 'object') {
      if (way.status < 300) for (const { id } of call.events) take(id)
      response.writeHead(way.status, way.headers)
      return response.end(way.body)
    }
    const results = call.events.map(event => {
      const said = way(event)
      const row = typeof said === 'number' ? { status: said } : said
      if (row.status < 300) take(event.id)
      return { id: event.id ?? '', source: event.source ?? '', ...row }
    })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ results }))
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', () => resolve()))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls,
    taken,
    order,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function eventsIn(headers: IncomingHttpHeaders, body: string): OpsEvent[] {
  if (headers['ce-id']) return [{ specversion: '1.0', id: String(headers['ce-id']), source: '', type: '' }]
  try {
    const value = JSON.parse(body)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
