import { once } from 'node:events'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { Cluster } from '../../../../infra/local/kubernetes/cluster.ts'

/** What becomes of a request: handed on, refused since there are too many, or never answered. */
export type Treatment = 'pass' | 'busy' | 'hang'

/** A way to an API server, by plain HTTP, on which requests may be treated otherwise. */
export async function gateTo({ port, ca }: Cluster, treat: (path: string) => Treatment) {
  const asked: string[] = []
  const server = createServer((asking, answer) => {
    const path = asking.url ?? ''
    asked.push(path)
    const treatment = treat(path)
    if (treatment === 'hang') return
    if (treatment === 'busy') return void answer.writeHead(429, { 'retry-after': '1' }).end('{}')
    const { host: _, ...headers } = asking.headers
    const sent = request({ host: '127.0.0.1', port, ca, method: asking.method, path, headers }, found => {
      answer.writeHead(found.statusCode ?? 502, found.headers)
      // A watch is open before its first event comes.
      answer.flushHeaders()
      found.pipe(answer)
    })
    asking.pipe(sent)
    answer.on('close', () => sent.destroy())
    sent.on('error', () => answer.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    asked,
    url: `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
