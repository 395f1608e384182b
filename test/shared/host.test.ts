import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { answer, bodyOf, door, type Handler, type Host, serve } from '../../shared/host.ts'
import { quiet as silent } from '../quiet.ts'

const about = { ready: () => true, log: silent }
const hosts: Host[] = []
afterEach(async () => {
  await Promise.all(hosts.splice(0).map(host => host.close()))
})

async function serving(handler: Handler, stop = async () => {}): Promise<Host & { url: string }> {
  const host = await serve(handler, { port: 0, stop, log: silent })
  hosts.push(host)
  return { ...host, url: `http://127.0.0.1:${host.port}` }
}

describe('door()', () => {
  it('answers health and readiness itself', async () => {
    let ready = false
    const { url } = await serving(
      door((_, response) => answer(response, 418, ''), { ready: () => ready, log: silent }),
    )
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    ready = true
    expect((await fetch(`${url}/readyz?verbose`)).status).toBe(200)
    expect((await fetch(`${url}/other`)).status).toBe(418)
  })

  it('answers 500 for a surprise, and tells the log alone what it was', async () => {
    const errors: object[] = []
    const log = { ...silent, error: (fields: object) => errors.push(fields) }
    const surprised = () => {
      throw new Error('secret detail')
    }
    const { url } = await serving(door(surprised, { ready: () => true, log }))
    const answered = await fetch(`${url}/x`)
    expect(answered.status).toBe(500)
    expect(await answered.text()).not.toContain('secret')
    expect(errors).toEqual([{ err: 'secret detail', path: '/x' }])
  })

  it.each([
    ['', async () => {}],
    [
      ' while somebody else is asked',
      (request: IncomingMessage) => vi.waitFor(() => expect(request.destroyed).toBe(true)),
    ],
  ])('calls it no failure that a caller goes away in the middle of the body%s', async (_, asked) => {
    const lines: [level: string, message: string][] = []
    const log = {
      ...silent,
      debug: (_: object, message: string) => lines.push(['debug', message]),
      error: (_: object, message: string) => lines.push(['error', message]),
    }
    const reads: Handler = async (request, response) => {
      await asked(request)
      answer(response, 200, String(await bodyOf(request, 100)))
    }
    const { port } = await serving(door(reads, { ready: () => true, log }))
    const caller = connect(port, '127.0.0.1')
    caller.end('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 70\r\n\r\n{"a":1}')
    await vi.waitFor(() => expect(lines).toHaveLength(1))
    expect(lines).toEqual([['debug', 'The caller went away in the middle of the body']])
  })
})

describe('bodyOf()', () => {
  const echo = door(async (request, response) => {
    const body = await bodyOf(request, 10)
    answer(response, body ? 200 : 413, body?.toString() ?? '')
  }, about)

  it.each([
    ['of the limit', '0123456789', 200],
    ['past the limit', '0123456789a', 413],
    ['empty', '', 200],
  ])('reads a body %s', async (_, body, status) => {
    const { url } = await serving(echo)
    const answered = await fetch(url, { method: 'POST', body })
    expect(answered.status).toBe(status)
    expect(await answered.text()).toBe(status === 200 ? body : '')
  })

  it('stops at the limit where no length is announced', async () => {
    const { url } = await serving(echo)
    const call = httpRequest(url, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } })
    Readable.from(Array(1_000).fill('x'.repeat(1_000))).pipe(call)
    const answered: IncomingMessage = (await once(call, 'response'))[0]
    expect(answered.statusCode).toBe(413)
  })

  it('takes what functions-framework has read already', async () => {
    const server = createServer((request, response) =>
      echo(Object.assign(request, { rawBody: Buffer.from('read') }), response),
    ).listen(0)
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    expect(await (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'x' })).text()).toBe('read')
    server.close()
  })
})

describe('serve()', () => {
  it('answers what is in flight before it lets go', async () => {
    let finish = () => {}
    const wait = new Promise<void>(resolve => {
      finish = resolve
    })
    const order: string[] = []
    const host = await serving(
      async (_, response) => {
        await wait
        order.push('answered')
        answer(response, 200, 'done')
      },
      async () => {
        order.push('stopped')
      },
    )
    const answered = fetch(host.url)
    const idle = connect(host.port, '127.0.0.1').on('error', () => {})
    await once(idle, 'connect')
    const closing = host.close()
    await expect(fetch(host.url)).rejects.toThrow()
    finish()
    expect(await (await answered).text()).toBe('done')
    await closing
    expect(order).toEqual(['answered', 'stopped'])
    idle.destroy()
  })

  it('keeps connections open for longer than proxies do', async () => {
    const { url } = await serving((_, response) => answer(response, 200, ''))
    const call = httpRequest(url, { agent: false, headers: { connection: 'keep-alive' } }).end()
    const answered: IncomingMessage = (await once(call, 'response'))[0]
    expect(answered.headers['keep-alive']).toBe('timeout=620')
    await text(answered)
    answered.destroy()
  })
})
