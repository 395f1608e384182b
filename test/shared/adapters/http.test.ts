import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setInterval } from 'node:timers'
import { afterAll, describe, expect, it } from 'vitest'
import { NoAnswer, openSender } from '../../../shared/adapters/http.ts'

const sender = openSender({ timeout: 2_000, connectTimeout: 1_000, connections: 2, mostBytes: 16_384 })
afterAll(() => sender.close())

const closing: (() => void)[] = []
afterAll(() => {
  for (const close of closing) close()
})

/** A receiver on this machine; `calls` are the requests that reached it. */
async function receiver(respond: (request: IncomingMessage, response: ServerResponse) => void) {
  const calls: {
    method: string | undefined
    path: string | undefined
    headers: IncomingMessage['headers']
    body: string
  }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    calls.push({ method: request.method, path: request.url, headers: request.headers, body })
    respond(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: new URL(`http://127.0.0.1:${port}/hook?key=s3cret`), host: `127.0.0.1:${port}`, calls }
}

const post = (url: URL) =>
  sender.post(url, { headers: { 'content-type': 'application/json' }, body: '{"a":1}' })

describe('openSender().post()', () => {
  it.each([200, 204, 400, 404, 410, 500])('resolves with an answer of %i', async status => {
    const { url, calls } = await receiver((_, response) =>
      response.writeHead(status).end(status === 204 ? '' : 'said'),
    )
    expect(await post(url)).toEqual({
      status,
      retryAfter: undefined,
      body: status === 204 ? '' : 'said',
      cut: false,
    })
    expect(calls).toMatchObject([{ method: 'POST', path: '/hook?key=s3cret', body: '{"a":1}' }])
  })

  it('never follows a redirect', async () => {
    const other = await receiver((_, response) => response.end())
    const { url } = await receiver((_, response) =>
      response.writeHead(301, { location: other.url.href }).end(),
    )
    expect(await post(url)).toMatchObject({ status: 301 })
    expect(other.calls).toEqual([])
  })

  it.each(['120', 'Sat, 31 Jan 2026 12:00:00 GMT'])('hands Retry-After on as it is: %s', async after => {
    const { url } = await receiver((_, response) => response.writeHead(429, { 'retry-after': after }).end())
    expect(await post(url)).toMatchObject({ status: 429, retryAfter: after })
  })

  it('reads the beginning of an answer of 10 MB and lets go of the rest', async () => {
    let written = 0
    const { url } = await receiver((_, response) => {
      const part = Buffer.alloc(65_536, 'x')
      const more = () => {
        while (written < 10_000_000 && response.write(part)) written += part.length
        if (written >= 10_000_000) response.end()
      }
      response.on('drain', more)
      more()
    })
    expect(await post(url)).toEqual({
      status: 200,
      retryAfter: undefined,
      body: 'x'.repeat(16_384),
      cut: true,
    })
    expect(written).toBeLessThan(10_000_000)
  })

  it('keeps the status of an answer whose body drips, and waits no longer than for any other', async () => {
    const { url } = await receiver((_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write('.'), 100)
      response.on('close', () => clearInterval(drip))
    })
    const began = performance.now()
    expect(await post(url)).toMatchObject({ status: 200, cut: true, body: expect.stringMatching(/^\.+$/) })
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  it('keeps the status of an answer whose body is cut off', async () => {
    const { url } = await receiver((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
    expect(await post(url)).toMatchObject({ status: 200, cut: true })
  })

  it.each([
    ['hangs', 'late', () => {}, /^127\.0\.0\.1:\d+ did not answer within 2 s$/],
    [
      'hangs up',
      'lost',
      (request: IncomingMessage) => request.socket.resetAndDestroy(),
      /^127\.0\.0\.1:\d+ did not answer: (ECONNRESET|UND_ERR_SOCKET)$/,
    ],
  ])(
    'rejects when the receiver %s, naming the host and nothing behind it',
    async (_, kind, respond, message) => {
      const { url } = await receiver(respond)
      const error: unknown = await post(url).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(NoAnswer)
      expect(error).toMatchObject({ kind, message: expect.stringMatching(message) })
    },
  )

  it('sends by another method when told so', async () => {
    const { url, calls } = await receiver((_, response) => response.end())
    await sender.post(url, { method: 'PUT', headers: {}, body: 'x' })
    expect(calls).toMatchObject([{ method: 'PUT', body: 'x' }])
  })

  it('rejects when nobody is there', async () => {
    const { url, host } = await receiver(() => {})
    closing.pop()?.()
    await expect(post(url)).rejects.toThrow(`${host} did not answer: ECONNREFUSED`)
  })

  it('goes on after every one of these, over kept connections', async () => {
    const sockets = new Set<unknown>()
    const { url } = await receiver((request, response) => {
      sockets.add(request.socket)
      response.end()
    })
    for (let turn = 0; turn < 20; turn++) expect(await post(url)).toMatchObject({ status: 200 })
    expect(sockets.size).toBeLessThanOrEqual(2)
  })
})
