import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { clock } from './clock.ts'
import { kinds } from './load.ts'
import { percentile } from './stats.ts'

// Posts events in a process of its own, so that what it costs is told apart. GET /?url=…&seconds=… does it over 64
// kept connections, one request after the other on each, and answers with what came of it.
const { TOKEN = '' } = process.env
const connections = 64
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
const posts = kinds.map(({ data, subject }) => {
  const [, , , , namespace, ...rest] = subject.split('.')
  return { path: `/api/v1/namespaces/${namespace}/events/${rest.join('.')}`, body: JSON.stringify(data) }
})

async function post(origin: string, seconds: number) {
  const pool = new Pool(origin, { connections, pipelining: 1 })
  const end = clock() + seconds * 1000
  const latencies: number[] = []
  let failed = 0
  let next = 0
  async function run(): Promise<void> {
    while (clock() < end) {
      const { path = '/', body = '' } = posts[next++ % posts.length] ?? {}
      const since = clock()
      const answered = await pool.request({ method: 'POST', path, headers, body })
      await answered.body.dump()
      if (answered.statusCode === 200) latencies.push(clock() - since)
      else failed++
    }
  }
  await Promise.all(Array.from({ length: connections }, run))
  await pool.close()
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)]
  return { taken: latencies.length, failed, p50, p99 }
}

const server = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://poster')
  const result = await post(searchParams.get('url') ?? '', Number(searchParams.get('seconds')))
  response.end(JSON.stringify(result))
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`http://127.0.0.1:${port}\n`)
})
