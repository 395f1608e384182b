import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { publishHooks, revisionOf } from '../../../shared/adapters/hooks.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { openRedis } from '../../../shared/adapters/redis.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import type { CompiledHook, Destination } from '../../../shared/hookset.ts'
import { sealWith } from '../../../shared/seal.ts'
import { compiledHook } from '../../compiled-hook.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats, ownRedis } from '../../servers.ts'
import { hosts, startDoor } from '../door.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const seal = sealWith(key)

/** A receiver that answers with the status in the path, and tells what it got. */
const got: { path: string | undefined; headers: NodeJS.Dict<string | string[]>; body: string }[] = []
const receiver = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += String(part)
  got.push({ path: request.url, headers: request.headers, body })
  const status = Number(request.url?.split('/')[1])
  if (status === 0) return
  const patience = status === 502 ? {} : { 'retry-after': '7' }
  response.writeHead(status, { location: `${base}/200/elsewhere`, ...patience }).end(`got ${request.url}`)
})
await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
const address = receiver.address()
const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
const base = `http://${host}`
afterAll(() => {
  receiver.closeAllConnections()
  receiver.close()
})

function hook(
  name: string,
  url: string,
  { type = 'webhook', ...more }: Partial<Destination> & { type?: CompiledHook['type'] } = {},
): CompiledHook {
  const id = `ops-system/${name}`
  const destination: Destination = { url, options: {}, additional: 'action: x', ...more }
  return compiledHook(id, {
    ...{ type, revision: `${name} ${url}` },
    sealed: seal.close(JSON.stringify(destination), id),
  })
}
const signingKeys = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', `whsec_${btoa('the key that comes next')}`]
const statuses = [200, 204, 301, 400, 404, 410, 429, 500, 0]
const hooks = [
  hook('again', `${base}/502/s3cret-path`),
  hook('down', `${base}/502/down`),
  hook('mapped', 'http://[::ffff:169.254.169.254]/latest/'),
  ...statuses.map(status => hook(`s${status}`, `${base}/${status}/s3cret-path?key=s3cret`)),
  hook('chat', `${base}/200/chat`, { type: 'xiezuo' }),
  hook('signed', `${base}/200/signed`, {
    options: { secret: `${signingKeys[0]} ${signingKeys[1]}`, bearer: 'b3arer', 'headers.X-Team': 'ops' },
    template: '{{ data.n | upcase }} of {{ hook.name }}',
  }),
  hook('metadata', 'http://169.254.169.254/latest/'),
]

const delivery = (id: string, name: string, more: Partial<Delivery> = {}): Delivery => ({
  specversion: '1.0',
  id: `event-${id}`,
  source: 'https://example.com/cluster',
  type: 'Default',
  subject: `ops.things.${id}.events`,
  data: { n: id },
  hook: `ops-system/${name}`,
  hookrevision: 'r1',
  deliveryid: id,
  ...more,
})

describe.each([
  ...hosts.map(host => ({ host, version: natsVersions[0] })),
  { host: hosts[0], version: natsVersions[1] },
])('webhook-deliver under $host, on NATS $version', async ({ host: under, version }) => {
  const [server, redisServer] = await Promise.all([ownNats(version), ownRedis()])
  const nats = openNats(server.url, 'webhook-deliver-test', log)
  const redis = openRedis(redisServer.url, log)
  const environment = () => ({
    EVENT_ENDPOINT: server.url,
    REDIS_URL: redisServer.url,
    HOOK_SEAL_KEY: key,
    DELIVER_TIMEOUT: '2000',
    ALLOW_LOOPBACK_TARGETS: 'true',
  })
  let door: Awaited<ReturnType<typeof startDoor>>

  beforeAll(async () => {
    await ensureStreams(await nats.opened, 1, log)
    await publishHooks(nats, redis, { revision: revisionOf(hooks), hooks }, log)
    door = await startDoor('webhook-deliver', { host: under, env: environment() })
  })
  beforeEach(() => {
    got.length = 0
  })
  afterAll(async () => {
    await door.stop()
    await Promise.all([nats.close(), redis.close()])
  })

  it('answers for each delivery what its receiver said, and never with more of its url than the host', async () => {
    const batch = statuses.map(status => delivery(`d${status}`, `s${status}`))
    const { status, rows } = await door.batch([
      ...batch,
      { id: 'poison' },
      delivery('gone', 'gone'),
      delivery('m', 'metadata'),
    ])
    expect(status).toBe(200)
    const said = (code: number) => `${host} answered ${code}: got …`
    expect(rows.map(({ id: _, source: __, ...row }) => row)).toEqual([
      { status: 200, tally: { 'ops-system/s200': { delivered: 1 } } },
      { status: 200, tally: { 'ops-system/s204': { delivered: 1 } } },
      { status: 422, reason: `${host} answered 301, and redirects are not followed` },
      { status: 422, reason: said(400) },
      { status: 503, reason: said(404), retryAfter: 7 },
      { status: 422, reason: said(410) },
      { status: 503, reason: said(429), retryAfter: 7 },
      { status: 503, reason: said(500), retryAfter: 7 },
      { status: 503, reason: `${host} did not answer within 2 s` },
      { status: 422, reason: expect.stringContaining('It is no CloudEvent') },
      { status: 422, reason: 'Hook "ops-system/gone" does not exist any more' },
      { status: 422, reason: expect.stringMatching(/^Hook "ops-system\/metadata": .* metadata service$/) },
    ])
    expect(got.map(({ path }) => path)).not.toContain('/200/elsewhere')
    expect(JSON.stringify(rows) + door.tail()).not.toContain('s3cret')
  })

  it('sends what the type of the hook says, with the same id on every attempt', async () => {
    await door.batch([delivery('e1', 'again'), delivery('e2', 'chat')])
    await door.batch([delivery('e1', 'again', { attempt: 2 })])
    const [first, chat, second] = got
    expect(first?.headers).toMatchObject({
      'webhook-id': 'e1',
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
      'content-type': 'application/json',
      'user-agent': 'ops-events',
    })
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      text: '{"n":"e1"}',
      delivery: { id: 'e1', attempt: 1 },
    })
    expect(chat?.body).toBe('{"msgtype":"text","text":{"content":"{\\"n\\":\\"e2\\"}action: x"}}')
    expect(second?.headers['webhook-id']).toBe('e1')
    expect(JSON.parse(second?.body ?? '')).toMatchObject({ delivery: { id: 'e1', attempt: 2 } })
  })

  it('signs with both keys, proves itself, and sends what the template makes', async () => {
    await door.batch([delivery('s1', 'signed', { subject: 'ops.things.ü.events' })])
    const [{ headers, body } = { headers: {}, body: '' }] = got
    expect(headers).toMatchObject({ authorization: 'Bearer b3arer', 'x-team': 'ops', 'webhook-id': 's1' })
    expect(JSON.parse(body)).toMatchObject({ text: 'S1 of signed' })
    for (const signing of signingKeys) {
      const receiver = new Webhook(signing)
      const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
      expect(receiver.verify(body, given)).toMatchObject({ delivery: { id: 's1' } })
      expect(() => receiver.verify(`${body} `, given)).toThrow('No matching signature found')
    }
    for (const secret of [...signingKeys, 'b3arer']) expect(body + door.tail()).not.toContain(secret)
  })

  it('sends a delivery that comes twice once', async () => {
    const twice = delivery('f1', 's200')
    expect((await door.batch([twice])).rows).toMatchObject([{ status: 200 }])
    expect((await door.single(twice)).status).toBe(200)
    expect(got).toHaveLength(1)
  })

  it('leaves a receiver alone that has failed five times, in all processes', async () => {
    const other = await startDoor('webhook-deliver', { env: environment() })
    let time = 0
    const down = async (one: typeof door) => (await one.batch([delivery(`i${time++}`, 'down')])).rows[0]
    for (let failure = 0; failure < 5; failure++) await down(door)
    const alone = {
      status: 503,
      attempted: false,
      retryAfter: expect.any(Number),
      reason: expect.stringContaining(`${host} has failed again and again and is left alone for`),
    }
    // On a busy machine Redis may be late, and is done without: then each learns it by itself.
    await expect.poll(() => down(door), { timeout: 10_000 }).toMatchObject(alone)
    await expect.poll(() => down(other), { timeout: 10_000 }).toMatchObject(alone)
    expect((await door.batch([delivery('i', 's200')])).rows).toMatchObject([{ status: 200 }])
    await other.stop()
  })

  it('sends nothing to this machine unless it is told that it may', async () => {
    const env = {
      ...environment(),
      ALLOW_LOOPBACK_TARGETS: 'false',
      TARGETS_DENY: '10.0.0.0/8, *.example.com',
    }
    const own = await startDoor('webhook-deliver', { env })
    const { rows } = await own.batch([delivery('k1', 's200'), delivery('k2', 'mapped')])
    expect(rows).toMatchObject([
      { status: 422, reason: expect.stringMatching(/it is this machine itself$/) },
      { status: 422, reason: expect.stringMatching(/metadata service$/) },
    ])
    expect(got).toEqual([])
    await own.stop()
  })

  it('says at its start which target it cannot read, and does not start', async () => {
    const env = { ...environment(), TARGETS_DENY: '10.0.0.0/33', CONSOLE_URL: 'console' }
    const refusal = startDoor('webhook-deliver', { env }).catch(String)
    expect(await refusal).toMatch(
      /TARGETS_DENY: "10\.0\.0\.0\/33" is none of[\s\S]*CONSOLE_URL: it has to be a URL such as/,
    )
  })

  it('refuses a wrong token and another method', async () => {
    expect((await door.batch([], { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await door.post('', {}, 'GET')).status).toBe(405)
  })

  it('answers what is in flight when it is told to stop', async () => {
    const own = await startDoor('webhook-deliver', { env: environment() })
    const answered = own.batch([delivery('h1', 's0'), delivery('h2', 's200')])
    await expect.poll(() => got.length).toBe(2)
    const [{ rows }] = await Promise.all([answered, own.stop(30_000)])
    expect(rows).toMatchObject([{ status: 503 }, { status: 200 }])
    expect(await own.exited).toBe('code 0')
  })

  it('goes on without Redis', async () => {
    await redisServer.kill()
    expect((await door.batch([delivery('g1', 's200')])).rows).toMatchObject([{ status: 200 }])
    expect(got).toHaveLength(1)
  })
})
