import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { ingest, type World } from '../../../functions/subject-ingest/ingest.ts'
import { type Message, PublishError } from '../../../shared/adapters/publisher.ts'
import { limiter } from '../../../shared/rate.ts'
import { unauthorized } from '../../../shared/refusal.ts'
import type { Token } from '../../../shared/tokens.ts'
import { quiet } from '../../quiet.ts'
import { type Answered, type Call, call } from './call.ts'

const token: Token = { name: 'ci', sha256: '', publish: ['ops.>'], read: [], rights: [] }
const event = { specversion: '1.0', id: '1', source: '/s', type: 't', subject: 'a' }
const path = '/api/v1/namespaces/ns/events/a'
const batch = { 'content-type': 'application/cloudevents-batch+json' }

const servers: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** The handler in a world of its own, and what was published in it. */
async function opened(different: Partial<World> = {}) {
  const published: Message[] = []
  const world: World = {
    about: { cluster: 'c', namespace: 'ops-system', source: '/us' },
    tokens: { of: authorization => (authorization ? token : undefined) },
    runs: { of: async () => unauthorized },
    rate: limiter({ rate: 1_000, burst: 2_000 }),
    bus: {
      maxPayload: () => 1_048_576,
      publish: async message => ({ stream: 'ops', seq: published.push(message), duplicate: false }),
    },
    log: quiet,
    ...different,
  }
  const server = createServer(ingest(world)).listen(0)
  servers.push(server)
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const post = (how: Partial<Call>) =>
    call(url, { path, body: '{}', ...how, headers: { authorization: 'x', ...how.headers } })
  return { post, published }
}

const busThat = (fails: PublishError) => ({
  bus: { maxPayload: () => 1_048_576, publish: () => Promise.reject(fails) },
})

describe('ingest()', () => {
  it('answers with what JetStream said', async () => {
    const { post, published } = await opened()
    const subject = 'ops.clusters.c.namespaces.ns.a'
    expect(await post({})).toMatchObject({
      status: 200,
      message: 'success',
      data: { subject, stream: 'ops', seq: 1, duplicate: false },
    })
    expect(published).toMatchObject([
      { subject, headers: { 'content-type': 'application/cloudevents+json' } },
    ])
  })

  it('answers a batch in its order, and an empty one too', async () => {
    const { post } = await opened()
    const body = JSON.stringify(['x', 'y', 'z'].map(id => ({ ...event, id })))
    expect((await post({ path: '/', headers: batch, body })).data).toMatchObject([
      { id: 'x' },
      { id: 'y' },
      { id: 'z' },
    ])
    expect(await post({ path: '/', headers: batch, body: '[]' })).toMatchObject({ status: 200, data: [] })
  })

  it('publishes nothing of a batch with a subject that the token may not publish', async () => {
    const { post, published } = await opened({
      tokens: { of: () => ({ ...token, publish: ['ops.clusters.*.namespaces.*.a'] }) },
    })
    const body = JSON.stringify([event, { ...event, id: '2', subject: 'ops.other' }])
    const refused = await post({ path: '/', headers: batch, body })
    expect(refused).toMatchObject({ status: 403, message: 'Token "ci" may not publish on "ops.other"' })
    expect(published).toEqual([])
  })

  it('takes bodies up to what NATS takes, less the envelope', async () => {
    const { post } = await opened({
      bus: { ...busThat(new PublishError('full', '')).bus, maxPayload: () => 40_000 },
    })
    const sized = (bytes: number) => JSON.stringify({ a: 'x'.repeat(bytes - 8) })
    expect(await post({ body: sized(40_000 - 8_192) })).toMatchObject({ status: 503 })
    expect(await post({ body: sized(40_000 - 8_191) })).toMatchObject({
      status: 413,
      message: expect.stringMatching(/^The body is larger than 31808 bytes/),
    })
    // Octets grow by a third when they become text.
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-source': '/',
      'ce-type': 't',
      'ce-subject': 'a',
    }
    const octets = { ...headers, 'content-type': 'image/png' }
    expect(await post({ path: '/', headers: octets, body: Buffer.alloc(31_000) })).toMatchObject({
      status: 413,
    })
    const long = JSON.stringify({ type: 'x'.repeat(18_000) })
    expect(await post({ body: long })).toMatchObject({
      status: 413,
      message: expect.stringMatching(/^The event is larger than 35904 bytes/),
    })
  })

  it('tells a token that sends too much when it may come back', async () => {
    const { post } = await opened({ rate: limiter({ rate: 0.5, burst: 1 }) })
    expect(await post({})).toMatchObject({ status: 200 })
    const refused = await post({})
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '2' } })
    expect(refused.message).toMatch(/Token "ci" sends more events than it may/)
  })

  it.each([
    ['unavailable', 503, '1', /send it again, with one Idempotency-Key/],
    ['full', 503, '10', /^Told so$/],
    ['refused', 422, undefined, /^Told so$/],
  ] as const)('answers what is %s with %i', async (kind, status, after, message) => {
    const { post } = await opened(busThat(new PublishError(kind, 'Told so')))
    const refused = await post({})
    expect(refused).toMatchObject({ status, message: expect.stringMatching(message) })
    expect(refused.headers['retry-after']).toBe(after)
  })

  it('says that it is the size which JetStream refused', async () => {
    const { post } = await opened(
      busThat(new PublishError('refused', 'message size exceeds maximum allowed')),
    )
    expect(await post({})).toMatchObject({ status: 413 })
  })

  it('holds no more bodies than fit into the memory while the bus is away', async () => {
    let give = () => {}
    const wait = new Promise<void>(resolve => {
      give = resolve
    })
    const { post } = await opened({
      bus: {
        maxPayload: () => 1_048_576,
        publish: () => wait.then(() => ({ stream: 'ops', seq: 1, duplicate: false })),
      },
    })
    const body = JSON.stringify({ a: 'x'.repeat(1_000_000) })
    const refused: Answered[] = []
    const answers = Array.from({ length: 80 }, async () => {
      const answered = await post({ body })
      if (answered.status !== 200) refused.push(answered)
      return answered.status
    })
    await expect.poll(() => refused.length, { timeout: 60_000 }).toBe(13)
    give()
    expect((await Promise.all(answers)).filter(status => status === 200)).toHaveLength(67)
    expect(refused[0]).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
  })

  it('reads no compressed body', async () => {
    const { post } = await opened()
    expect(await post({ headers: { 'content-encoding': 'gzip' } })).toMatchObject({ status: 415 })
  })
})
