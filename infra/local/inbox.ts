// Stands in for everybody that a hook may notify: takes any POST, prints it and keeps the last hundred.
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

type Delivery = { time: string; method: string; path: string; id?: string; body: string }

const kept: Delivery[] = []

async function take(request: IncomingMessage): Promise<void> {
  const id = request.headers['webhook-id']
  const { method = '', url: path = '' } = request
  const body = await text(request)
  kept.push({ time: new Date().toISOString(), method, path, ...(id ? { id: String(id) } : {}), body })
  if (kept.length > 100) kept.shift()
  console.log(`${method} ${path} webhook-id=${id ?? '-'} ${body.slice(0, 200).replaceAll('\n', ' ')}`)
}

const server = createServer(async (request, response) => {
  const probe = request.url === '/healthz' || request.url === '/readyz'
  if (request.method === 'GET' && probe) return response.end('ok\n')
  if (request.method === 'GET') {
    response.setHeader('content-type', 'application/json')
    return response.end(`${JSON.stringify(kept, null, 2)}\n`)
  }
  await take(request).catch(() => {})
  return response.end()
})

server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
