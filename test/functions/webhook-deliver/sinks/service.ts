import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll } from 'vitest'
import { outcomeOf } from '../../../../functions/webhook-deliver/answer.ts'
import type { Shipment, Sink } from '../../../../functions/webhook-deliver/sink.ts'
import { openSender } from '../../../../shared/adapters/http.ts'
import type { Outcome } from '../../../../shared/outcome.ts'
import { now, shipment } from './shipments.ts'

/** What came to the service. */
export type Got = {
  path: string
  query: URLSearchParams
  type: string | undefined
  text: string
  body: unknown
}
/** What it answers: a status, a body (JSON unless it is text), headers. */
export type Says = { status?: number; body?: unknown; headers?: Record<string, string> }

/** A service on this machine for one kind of sink. What is sent goes over the wire, and the answer is judged as always. */
export function serviceOf(sink: Sink): {
  /** Sends a shipment to `path`; the service answers what `says` says, which may look at what came. */
  send(
    more: Partial<Shipment> & { path?: string },
    says?: Says | ((got: Got) => Says),
  ): Promise<{ got: Got; outcome: Outcome }>
} {
  const sender = openSender({ timeout: 10_000, connectTimeout: 5_000, connections: 4, mostBytes: 16_384 })
  let answer: (got: Got) => Says = () => ({})
  let got: Got | undefined
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', part => parts.push(part))
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://service')
      const text = Buffer.concat(parts).toString()
      const type = request.headers['content-type']
      const body: unknown = type?.includes('ndjson') ? undefined : JSON.parse(text)
      got = { path: pathname, query: searchParams, type, text, body }
      const { status = 200, body: said = '', headers = {} } = answer(got)
      response.writeHead(status, headers).end(typeof said === 'string' ? said : JSON.stringify(said))
    })
  })
  beforeAll(() => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve)))
  afterAll(async () => {
    await sender.close()
    server.close()
  })

  return {
    async send({ path = '/hook', ...more }, says = {}) {
      answer = typeof says === 'function' ? says : () => says
      const { port } = server.address() as AddressInfo
      const request = sink.request(shipment({ ...more, url: new URL(path, `http://127.0.0.1:${port}`) }))
      if ('problem' in request) throw new Error(request.problem)
      const { url, ...rest } = request
      const outcome = outcomeOf(await sender.post(url, rest), { sink, url, now })
      if (!got) throw new Error('Nothing came to the service')
      return { got, outcome }
    },
  }
}

/** What noise control tells, in an example. */
export const told = {
  notice: 'resolved',
  held: { count: 37, since: '2026-01-31T10:02:00Z' },
  resolved: { delivery: 'd0', from: '2026-01-31T11:55:50Z', to: '2026-01-31T12:00:00Z' },
  link: 'https://console.example/events/e1?a=1&b=2',
} as const
