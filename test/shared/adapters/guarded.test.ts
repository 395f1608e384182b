import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, describe, expect, it } from 'vitest'
import { guardOf } from '../../../functions/webhook-deliver/address.ts'
import { targetList } from '../../../functions/webhook-deliver/targets.ts'
import type { Guard, Resolve } from '../../../shared/adapters/guarded.ts'
import { type NoAnswer, openSender } from '../../../shared/adapters/http.ts'

const none = targetList.parse('')
const strict = guardOf({ loopback: false, allow: none, deny: none }).address
const local = guardOf({ loopback: true, allow: none, deny: none }).address

const closing: (() => unknown)[] = []
afterAll(() => Promise.all(closing.map(close => close())))

/** Listens on this machine, and counts who came. */
async function listening(server: Server | TcpServer, host = '127.0.0.1') {
  let connections = 0
  server.on('connection', () => connections++)
  server.listen(0, host)
  await once(server, 'listening')
  closing.push(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return { port, connections: () => connections }
}
const receiver = () => listening(createServer((_, response) => response.end('ok')))

function sending(guard: Guard, resolve?: Resolve) {
  const sender = openSender({
    ...{ timeout: 2_000, connectTimeout: 1_000, connections: 2, mostBytes: 1_000 },
    guard,
    ...(resolve && { resolve }),
  })
  closing.push(() => sender.close())
  return {
    post: (url: string, more: Record<string, string> = {}) =>
      sender.post(new URL(url), { headers: more, body: '{}' }),
    /** What the sender says when it sends nothing. */
    refusal: async (url: string): Promise<NoAnswer | undefined> =>
      sender.post(new URL(url), { headers: {}, body: '{}' }).then(
        () => undefined,
        error => error,
      ),
  }
}

const v4 = (...addresses: string[]) => addresses.map(address => ({ address, family: 4 }))

describe('openSender() with a guard', () => {
  it.each([
    ...[
      'localhost',
      '127.0.0.1',
      '[::1]',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '127.1',
      '[::ffff:127.0.0.1]',
    ],
    ...['0', '0.0.0.0', '127.0.0.1.', '①②⑦.⓪.⓪.①', 'localhost.'],
  ])('does not reach this machine as %s', async host => {
    const { port, connections } = await receiver()
    const { refusal } = sending(strict, async () => v4('127.0.0.1'))
    expect(await refusal(`http://${host}:${port}/s3cret`)).toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(
        /^Nothing is sent to "[^"]+"( at \S+)?: (it is this machine itself|no receiver can be there)$/,
      ),
    })
    expect(connections()).toBe(0)
  })

  it('connects to an allowed address, literal or resolved by the system', async () => {
    const { port } = await receiver()
    const { post } = sending(local)
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 200, body: 'ok' })
    expect(await post(`http://localhost:${port}/`)).toMatchObject({ status: 200, body: 'ok' })
  })

  it('refuses a name of which one address is not allowed', async () => {
    const { port, connections } = await receiver()
    const { refusal } = sending(local, async () => v4('127.0.0.1', '169.254.169.254'))
    expect(await refusal(`http://a.example.com:${port}/`)).toMatchObject({
      kind: 'forbidden',
      message: 'Nothing is sent to "a.example.com" at 169.254.169.254: it is a cloud\'s metadata service',
    })
    expect(connections()).toBe(0)
  })

  it('asks again for each connection, and refuses a name that has come to stand for something else', async () => {
    const { port } = await receiver()
    const answers = [v4('127.0.0.1'), v4('169.254.169.254')]
    let asked = 0
    const { post, refusal } = sending(local, async () => answers[asked++] ?? [])
    expect(await post(`http://rebind.example.com:${port}/`, { connection: 'close' })).toMatchObject({
      status: 200,
    })
    expect(await refusal(`http://rebind.example.com:${port}/`)).toMatchObject({ kind: 'forbidden' })
    expect(asked).toBe(2)
  })

  it('connects to what it has looked at, and asks no second time in between', async () => {
    const { port } = await receiver()
    let asked = 0
    const { post } = sending(local, async () => (asked++ === 0 ? v4('127.0.0.1') : v4('169.254.169.254')))
    expect(await post(`http://rebind.example.com:${port}/`)).toMatchObject({ status: 200 })
    expect(asked).toBe(1)
  })

  it('looks at who is at the other end, and sends that not a byte', async () => {
    let received = 0
    const { port, connections } = await listening(
      createTcpServer(socket => socket.on('data', part => (received += part.length)).on('error', () => {})),
    )
    let looks = 0
    const { refusal } = sending(
      () => (looks++ === 0 ? undefined : 'It has moved'),
      async () => v4('127.0.0.1'),
    )
    expect(await refusal(`http://a.example.com:${port}/`)).toMatchObject({
      kind: 'forbidden',
      message: 'It has moved',
    })
    await expect.poll(connections).toBe(1)
    expect(received).toBe(0)
  })

  it('goes by the next address of a name when one does not answer', async () => {
    const { port } = await receiver()
    const { post } = sending(local, async () => v4('127.0.0.9', '127.0.0.1'))
    expect(await post(`http://a.example.com:${port}/`)).toMatchObject({ status: 200 })
  })

  it('says of a name without an address that nobody answered, for it may have one tomorrow', async () => {
    const message = 'a.example.com did not answer: ENOTFOUND'
    expect(await sending(local, async () => []).refusal('http://a.example.com/')).toMatchObject({
      kind: 'lost',
      message,
    })
    const failing = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    expect(await sending(local, failing).refusal('http://a.example.com/')).toMatchObject({
      kind: 'lost',
      message,
    })
  })

  it('asks once for many that connect at the same time', async () => {
    const { port } = await receiver()
    let asked = 0
    const gate = Promise.withResolvers<void>()
    const { post } = sending(local, async () => {
      asked++
      await gate.promise
      return v4('127.0.0.1')
    })
    const posts = [1, 2].map(() => post(`http://a.example.com:${port}/`))
    await expect.poll(() => asked).toBe(1)
    gate.resolve()
    expect(await Promise.all(posts)).toMatchObject([{ status: 200 }, { status: 200 }])
    expect(asked).toBe(1)
  })
})

describe('openSender() with a guard, over TLS', async () => {
  const read = (name: string) =>
    readFileSync(new URL(`../../fixtures/tls/localhost.${name}`, import.meta.url), 'utf8')
  const server = createSecureServer({ cert: read('crt'), key: read('key') }, (request, response) =>
    response.end(`${request.headers.host} over HTTP/${request.httpVersion}`),
  )
  const { port } = await listening(server)
  const before = getCACertificates()
  afterAll(() => setDefaultCACertificates(before))

  it('refuses a certificate that nobody vouches for', async () => {
    const { refusal } = sending(local)
    expect(await refusal(`https://127.0.0.1:${port}/s3cret`)).toMatchObject({
      kind: 'lost',
      message: `127.0.0.1:${port} did not answer: DEPTH_ZERO_SELF_SIGNED_CERT`,
    })
  })

  it('holds the name against the certificate, not the address', async () => {
    setDefaultCACertificates([...before, read('crt')])
    const { post, refusal } = sending(local, async () => v4('127.0.0.1'))
    expect(await post(`https://receiver.test:${port}/`)).toMatchObject({
      status: 200,
      body: `receiver.test:${port} over HTTP/1.1`,
    })
    expect(await refusal(`https://other.test:${port}/`)).toMatchObject({
      message: `other.test:${port} did not answer: ERR_TLS_CERT_ALTNAME_INVALID`,
    })
  })
})
