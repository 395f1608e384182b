import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'

import { ownNats } from '../../servers.ts'
import { tokensFile } from '../../tokens.ts'
import type { Call } from './call.ts'
import { bearer, look, openDoor, ready } from './door.ts'

const file = tokensFile({ guest: { publish: ['ops.guests.>'] } })

const nats = await ownNats()
const bus = await look(nats)
afterAll(() => bus.close())
const door = await openDoor(nats, { env: { SERVER_TOKENS_FILE: file } })
await ready(door)

const at = (event: string): Partial<Call> => ({ path: `/api/v1/namespaces/ns/events/${event}` })
const json = { ...bearer, 'content-type': 'application/json' }
const ce = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't', 'ce-subject': 'a' }
const event = { specversion: '1.0', id: '1', source: '/s', type: 't', subject: 'a' }
const cloudEvent = (value: unknown, kind = ''): Partial<Call> => ({
  path: '/',
  headers: { ...bearer, 'content-type': `application/cloudevents${kind}+json` },
  body: JSON.stringify(value),
})
const binary = (headers: Record<string, string>, path = '/'): Partial<Call> => ({
  path,
  headers: { ...json, ...ce, ...headers },
})

const table: [string, Partial<Call>, number, RegExp][] = [
  ['text', { body: 'hello' }, 400, /Cannot read the body: it is not JSON: .*"hello" is not valid JSON/],
  ['half an object', { body: '{"a":' }, 400, /it is not JSON: Unexpected end/],
  ['two objects', { body: '{} {}' }, 400, /not JSON: .*position 3/],
  ['an array', { body: '[{}]' }, 400, /it is an array, it has to be a JSON object/],
  ['null', { body: 'null' }, 400, /it is null, it has to be a JSON object/],
  ['a string', { body: '"{}"' }, 400, /it is a string/],
  ['nothing', { body: '' }, 400, /it is empty, it has to be a JSON object/],
  ['octets', { body: randomBytes(100) }, 400, /it is not UTF-8/],
  ['2 MiB', { body: JSON.stringify({ a: 'x'.repeat(2 * 1024 * 1024) }) }, 413, /larger than \d+ bytes/],
  ['depth 65', { body: `${'{"a":'.repeat(65)}1${'}'.repeat(65)}` }, 400, /nested deeper than 64 levels/],
  ['depth 10,000', { body: `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}` }, 400, /deeper than 64/],
  ['XML', { headers: { ...bearer, 'content-type': 'text/xml' }, body: '<a/>' }, 415, /application\/json/],
  ['gzip', { headers: { ...json, 'content-encoding': 'gzip' } }, 415, /without content-encoding/],

  ['a blank', at('a%20b'), 422, /token 6 has the character " "/],
  ['a tab', at('a%09b'), 422, /has the character "\\t"/],
  ['a line break', at('a%0D%0APUB%20x'), 422, /has the character "\\r"/],
  ['a zero', at('a%00'), 422, /has the character "\\u0000"/],
  ['an asterisk', at('pods.*.events'), 422, /token 7 has the character "\*"/],
  ['a greater-than', at('pods.%3E'), 422, /token 7 has the character ">"/],
  ['other letters', at('%E4%BA%8B%E4%BB%B6'), 422, /has the character "事"/],
  ['two dots', at('a..b'), 422, /token 7 is empty/],
  ['nothing but two dots', at('..'), 422, /token 6 is empty/],
  ['a trailing dot', at('a.'), 422, /token 7 is empty/],
  ['a leading dot', at('.a'), 422, /token 6 is empty/],
  ['an encoded dot at the end', at('a%2E'), 422, /token 7 is empty/],
  ['300 tokens', at(Array(300).fill('a').join('.')), 422, /it has 305 tokens, at most 32 are allowed/],
  ['2,000 characters', at('a'.repeat(2_000)), 422, /characters, at most 1024 are allowed/],
  ['a whole subject with a blank', at('ops.a%20b'), 422, /"ops\.a b": token 2 has the character " "/],
  ['a node without a name', at('nodes..events'), 422, /token 5 is empty/],
  ['a namespace with a dot', { path: '/api/v1/namespaces/a.b/events/c' }, 422, /namespace "a\.b"/],
  ['a namespace with a blank', { path: '/api/v1/namespaces/a%20b/events/c' }, 422, /has the character " "/],
  ['a broken escape', at('a%zz'), 400, /it is not percent-encoded UTF-8/],

  ['no token', { headers: {} }, 401, /send "Authorization: Bearer <token>"/],
  ['a wrong token', { headers: { authorization: 'Bearer for-the-tests-onlz' } }, 401, /missing or wrong/],
  [
    'a scheme of its own',
    { headers: { authorization: 'Token for-the-tests-only' } },
    401,
    /missing or wrong/,
  ],
  [
    'the token as the name',
    { headers: { authorization: `Basic ${btoa('for-the-tests-only:')}` } },
    401,
    /missing or wrong/,
  ],
  [
    'a foreign token',
    { headers: { authorization: 'Bearer guest-token' } },
    403,
    /^Token "guest" may not publish on "ops\.clusters\.mycluster\.namespaces\.ops-system\.a"$/,
  ],
  [
    'a CloudEvent on the path',
    binary({ 'ce-subject': 'a' }, at('a').path),
    415,
    /send CloudEvents to POST \//,
  ],
  ['an unknown path', { path: '/api/v2/events' }, 404, /Nothing is at "\/api\/v2\/events": POST \/api\/v1/],
  ['a path of ops-api', { path: '/api/v1/events', method: 'GET' }, 404, /Nothing is at/],
  ['GET', { method: 'GET' }, 405, /GET is not answered here: POST an event/],
  ['PUT', { method: 'PUT' }, 405, /PUT is not answered here/],

  ['a CloudEvent without id', cloudEvent({ ...event, id: undefined }), 400, /"id" is missing/],
  ['a CloudEvent with an empty id', cloudEvent({ ...event, id: '' }), 400, /non-empty string/],
  ['a bad specversion', cloudEvent({ ...event, specversion: '0.3' }), 400, /it has to be "1\.0"/],
  ['a bad time', cloudEvent({ ...event, time: 'now' }), 400, /RFC 3339/],
  ['a bad extension', cloudEvent({ ...event, ext: {} }), 400, /extension "ext"/],
  ['no subject', cloudEvent({ ...event, subject: undefined }), 422, /has no subject/],
  ['a bad subject', cloudEvent({ ...event, subject: 'a..b' }), 422, /token 7 is empty/],
  ['deep data', { ...cloudEvent({}), body: '{"data":'.repeat(100) }, 400, /deeper than 64/],
  [
    'a bad member',
    cloudEvent([event, { ...event, id: undefined }], '-batch'),
    400,
    /member 2 of the batch: .*"id"/,
  ],
  ['a bad subject in a batch', cloudEvent([event, { ...event, subject: '>' }], '-batch'), 422, /Member 2/],
  ['a batch that is none', cloudEvent(event, '-batch'), 400, /a JSON array of CloudEvents/],
  ['a structured batch', cloudEvent([event]), 400, /a CloudEvent is a JSON object/],
  ['no CloudEvent', { path: '/' }, 415, /send application\/cloudevents\+json/],
  [
    'CloudEvents in XML',
    { ...cloudEvent({}), headers: { ...bearer, 'content-type': 'application/cloudevents+xml' } },
    415,
    /only JSON/,
  ],
  ['binary without type', binary({ 'ce-type': '' }), 400, /"type" is ""/],
  [
    'binary with bad octets',
    binary({ 'ce-subject': '%C3%28' }),
    400,
    /"ce-subject" is not percent-encoded UTF-8/,
  ],
  ['binary with an injected line', binary({ 'ce-subject': 'a%0D%0Ab' }), 422, /has the character "\\r"/],
]

describe('subject-ingest refuses', () => {
  it.each(table)('%s', async (_, how, status, message) => {
    const answered = await door.post('a', { message: 'm' }, how)
    expect(answered).toMatchObject({ status, message: expect.stringMatching(message) })
    if (status === 401) expect(answered.headers['www-authenticate']).toMatch(/^Bearer .*Basic /)
    if (status === 405) expect(answered.headers.allow).toBe('POST')
  })

  it('all of it without publishing anything', async () => {
    expect(await bus.stored()).toEqual([])
  })
})

describe('subject-ingest goes on', () => {
  it('taking events after all that', async () => {
    expect(await door.post('a', { message: 'm' })).toMatchObject({ status: 200 })
    const guest = { authorization: 'Bearer guest-token' }
    expect(await door.post('ops.guests.a', {}, { headers: guest })).toMatchObject({ status: 200 })
  })

  it('without a token that left the file', async () => {
    const guest = { authorization: 'Bearer guest-token' }
    writeFileSync(file, '[]')
    await expect
      .poll(async () => (await door.post('ops.guests.a', {}, { headers: guest })).status, { timeout: 20_000 })
      .toBe(401)
    expect(await door.post('a', {})).toMatchObject({ status: 200 })
  })
})
