import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { clock } from './clock.ts'

// As many receivers as its argument says, each on a port of its own, that take deliveries and keep a ledger of them.
// GET /urls tells where they are, POST /way?at=…&is=well|hangs|fails what one of them does from now on, and GET /ledger
// tells what they took since it was asked last.
const ways: string[] = Array.from({ length: Number(process.argv[2]) }, () => 'well')
let arrivals: [string, number][] = []

function take(at: number, request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  request.on('end', () => {
    if (ways[at] === 'hangs') return
    if (ways[at] === 'fails') return void response.writeHead(503, { 'content-length': 0 }).end()
    arrivals.push([String(request.headers['webhook-id']), clock()])
    response.writeHead(200, { 'content-length': 0 }).end()
  })
}

function control(urls: string[], request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://receivers')
  const tell = (value: unknown) => response.end(JSON.stringify(value))
  if (pathname === '/urls') return void tell(urls)
  if (pathname === '/way') ways[Number(searchParams.get('at'))] = searchParams.get('is') ?? 'well'
  const since = arrivals
  if (pathname === '/ledger') arrivals = []
  tell(pathname === '/ledger' ? since : {})
}

async function listen(server: Server): Promise<string> {
  server.keepAliveTimeout = 60_000
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

const urls = await Promise.all(
  ways.map((_, at) => listen(createServer((request, response) => take(at, request, response)))),
)
const controls = await listen(createServer((request, response) => control(urls, request, response)))
process.stdout.write(`${controls}\n`)
