import { createServer } from 'node:http'
import { afterAll, describe, expect, it } from 'vitest'
import { encodeBinary } from '../../shared/cloudevents-http.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { eventFunction } from '../../shared/event-function.ts'
import { door } from '../../shared/host.ts'
import { done, drop, type Outcome, retry } from '../../shared/outcome.ts'
import { quiet as log } from '../quiet.ts'

const token = 'a-token-of-the-bridge'
const nextToken = 'the-next-token-of-the-bridge'
const outcomes: Record<string, Outcome> = {
  good: done,
  bad: drop('It is bad'),
  busy: retry('Busy', { after: 1500 }),
  idle: retry('Not tried', { attempted: false }),
}
const handled: string[] = []

async function handle(events: OpsEvent[]) {
  if (events.some(({ id }) => id === 'away')) return retry('The database is away', { attempted: false })
  return events.map(({ id }) => {
    handled.push(id)
    if (id === 'broken') throw new Error('Broken')
    return outcomes[id] ?? done
  })
}

const server = createServer(
  door(eventFunction({ token: `${token}, ${nextToken}`, handle }), { ready: () => true, log }),
)
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
afterAll(() => server.close())
const address = server.address()
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`

const event = (id: string): OpsEvent => ({
  specversion: '1.0',
  id,
  source: 's',
  type: 'Note',
  subject: 'ops.x',
})

async function call(
  body: unknown,
  { type = 'application/cloudevents-batch+json', method = 'POST', key = token } = {},
) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': type, authorization: `Bearer ${key}` },
    ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
}

describe('eventFunction() of a batch', () => {
  it('answers 503 for all of it where it can do nothing now, and says that nothing was attempted', async () => {
    const answer = await call([event('good'), event('away')])
    expect(answer.status).toBe(503)
    expect(answer.json()).toEqual({ code: 503, message: 'The database is away', attempted: false })
  })

  it('answers 200 with a row for each event, in their order', async () => {
    const answer = await call([event('good'), event('bad'), event('busy'), event('idle')])
    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual({
      results: [
        { id: 'good', source: 's', status: 200 },
        { id: 'bad', source: 's', status: 422, reason: 'It is bad' },
        { id: 'busy', source: 's', status: 503, reason: 'Busy', retryAfter: 1.5 },
        { id: 'idle', source: 's', status: 503, reason: 'Not tried', attempted: false },
      ],
    })
  })

  it('drops a member that is no CloudEvent by its own row', async () => {
    const answer = await call([event('good'), { id: 'half', specversion: '1.0' }, 7, event('busy')])
    expect(answer.json().results).toEqual([
      { id: 'good', source: 's', status: 200 },
      {
        id: 'half',
        source: '',
        status: 422,
        reason: 'It is no CloudEvent: attribute "source" is missing, it has to be a non-empty string',
      },
      { id: '', source: '', status: 422, reason: 'It is no CloudEvent: a CloudEvent is a JSON object' },
      expect.objectContaining({ id: 'busy', status: 503 }),
    ])
  })

  it('answers an empty batch', async () => {
    expect((await call([])).json()).toEqual({ results: [] })
  })

  it.each([
    ['{', 'Cannot read the batch: it is not JSON'],
    ['{}', 'A batch is a JSON array of CloudEvents'],
    ['['.repeat(100), 'it is nested deeper than'],
  ])('answers 400 to %j', async (body, message) => {
    const answer = await call(body)
    expect(answer.status).toBe(400)
    expect(answer.json().message).toContain(message)
  })
})

describe('eventFunction() of one event', () => {
  const structured = { type: 'application/cloudevents+json' }

  it.each([
    ['good', 200],
    ['bad', 422],
    ['busy', 503],
  ])('says %s by %i', async (id, status) => {
    expect(await call(event(id), structured)).toMatchObject({ status })
  })

  it('says when to come again in whole seconds', async () => {
    const answer = await call(event('busy'), structured)
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(answer.json()).toEqual({ code: 503, message: 'Busy' })
  })

  it('says that nothing was tried', async () => {
    const answer = await call(event('idle'), structured)
    expect(answer.json()).toEqual({ code: 503, message: 'Not tried', attempted: false })
  })

  it('takes binary mode', async () => {
    const { headers, body } = encodeBinary({ ...event('good'), data: { a: 1 } })
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${token}` },
      body: new Uint8Array(body),
    })
    expect(answer.status).toBe(200)
  })

  it('answers 500 when it breaks, which is no verdict on the event', async () => {
    expect(await call(event('broken'), structured)).toMatchObject({ status: 500 })
  })
})

it('takes each of two tokens while one takes the place of the other', async () => {
  for (const key of [token, nextToken])
    expect(await call([event('good')], { key })).toMatchObject({ status: 200 })
})

describe('eventFunction() refuses', () => {
  it.each([
    ['another method', { method: 'GET' }, 405],
    ['another token', { key: 'a-token-of-a-stranger' }, 401],
    ['both tokens at once', { key: `${token},${nextToken}` }, 401],
    ['no CloudEvents', { type: 'text/plain' }, 415],
  ])('%s', async (_, how, status) => {
    const before = handled.length
    expect(await call([event('good')], how)).toMatchObject({ status })
    expect(handled).toHaveLength(before)
  })

  it('a body larger than 4 MiB', async () => {
    expect(await call(`["${'x'.repeat(4 * 1024 * 1024)}"]`)).toMatchObject({ status: 413 })
  })

  it('answers health without a token', async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })
})
