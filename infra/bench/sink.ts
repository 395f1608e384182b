import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import { clock } from './clock.ts'

// The receiver at the end: takes a delivery (by its webhook-id), one event in binary mode or a batch, answers at once,
// and keeps a ledger of what came and when. GET /until?count=… answers when so many different ones are there,
// GET /ledger tells them all, POST /reset forgets them.
const arrivals = new Map<string, number>()
let repeats = 0
let waiting: { count: number; tell(): void } | undefined

function keep(key: string): void {
  if (arrivals.has(key)) repeats++
  else arrivals.set(key, clock())
  if (waiting && arrivals.size >= waiting.count) waiting.tell()
}

function bodyOf(request: IncomingMessage, then: (body: Buffer) => void): void {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => then(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)))
}

function take(request: IncomingMessage, response: ServerResponse): void {
  const { 'content-type': type = '', 'webhook-id': delivery, 'ce-id': id } = request.headers
  bodyOf(request, body => {
    if (type.startsWith(mediaTypes.batch)) return takeBatch(body, response)
    keep(String(delivery ?? id))
    response.writeHead(200, { 'content-length': 0 }).end()
  })
}

function takeBatch(body: Buffer, response: ServerResponse): void {
  const events: { id: string; source: string }[] = JSON.parse(body.toString('utf8'))
  for (const { id } of events) keep(id)
  const results = events.map(({ id, source }) => ({ id, source, status: 200 }))
  const text = JSON.stringify({ results })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

function control(request: IncomingMessage, response: ServerResponse): boolean {
  const url = new URL(request.url ?? '/', 'http://sink')
  const tell = (value: unknown) => response.end(JSON.stringify(value))
  switch (url.pathname) {
    case '/reset':
      arrivals.clear()
      repeats = 0
      tell({})
      return true
    case '/ledger':
      tell({ arrivals: [...arrivals], repeats })
      return true
    case '/until': {
      const count = Number(url.searchParams.get('count'))
      const come = () => {
        waiting = undefined
        tell({ count: arrivals.size })
      }
      if (arrivals.size >= count) come()
      else waiting = { count, tell: come }
      return true
    }
  }
  return false
}

const server = createServer((request, response) => {
  if (request.url === '/' || !control(request, response)) take(request, response)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`http://127.0.0.1:${port}\n`)
})
