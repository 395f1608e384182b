import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPost } from '../../../functions/subject-ingest/json-post.ts'
import { parseRules } from '../../../shared/classify/rules.ts'
import { classifierOf } from '../../../shared/classify.ts'
import { about, request, sent } from './request.ts'

describe('jsonPost()', () => {
  it('makes a CloudEvent of the object', () => {
    const post = jsonPost(request('{"message":"m"}'), 'a', about)
    expect(sent(post)).toEqual({
      specversion: '1.0',
      id: 'new-id',
      source: '/us',
      type: 'Default',
      subject: 'ops.clusters.c_1.namespaces.ops-system.a',
      time: '2026-01-31T12:00:00.000Z',
      datacontenttype: 'application/json',
      cluster: 'C.1',
      ...{ category: 'other', severitytext: 'info', severitynumber: 9 },
      data: { message: 'm' },
    })
    expect(post).toMatchObject({ id: 'new-id', messageId: 'new-id' })
  })

  it.each([
    ['{"type":"Kube"}', 'Kube'],
    ['{"type":""}', 'Default'],
    ['{"type":7}', 'Default'],
  ])('takes the type of %s for %s', (body, type) => {
    expect(sent(jsonPost(request(body), 'a', about)).type).toBe(type)
  })

  it('says what it is about and how bad it is, by the rules where there are any', () => {
    const body = '{"reason":"FailedMount","type":"Warning","kind":"Pod"}'
    const known = { category: 'volume', severitytext: 'error', severitynumber: 17 }
    expect(sent(jsonPost(request(body), 'a', about))).toMatchObject(known)
    const rules = parseRules('- {reason: FailedMount, severity: critical}')
    const classify = classifierOf(() => rules)
    const ruled = { category: 'volume', severitytext: 'critical', severitynumber: 21 }
    expect(sent(jsonPost(request(body), 'a', { ...about, classify }))).toMatchObject(ruled)
  })

  it('goes on counting the hooks behind a notification that comes back', () => {
    expect(sent(jsonPost(request('{}', { 'ops-hops': '3' }), 'a', about)).hops).toBe(3)
  })

  it('leaves the data as it was written', () => {
    const body = '{ "n": 9007199254740993, "f": 1.0, "e": 1e400, "a": 1, "a": 2,\n "s": "\\u00e9\\/" }'
    const post = jsonPost(request(body), 'a', about)
    expect('payload' in post && post.payload.toString()).toContain(`"data":${body}}`)
  })

  it('carries any object unchanged', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), data => {
        const body = JSON.stringify(data)
        expect(sent(jsonPost(request(body), 'a', about)).data).toEqual(JSON.parse(body))
      }),
    )
  })

  it('makes one id of one Idempotency-Key, subject and token', () => {
    const idOf = (key: string, event: string, from: string) => {
      const post = jsonPost({ ...request('{}', { 'idempotency-key': key }), from }, event, about)
      return 'id' in post && post.id === post.messageId && post.id
    }
    expect(idOf('k', 'a', 'ci')).toMatch(/^[0-9a-f-]{36}$/)
    expect(idOf('k', 'a', 'ci')).toBe(idOf('k', 'A', 'ci'))
    expect(idOf('k', 'a', 'ci')).not.toBe(idOf('l', 'a', 'ci'))
    expect(idOf('k', 'a', 'ci')).not.toBe(idOf('k', 'b', 'ci'))
    expect(idOf('k', 'a', 'ci')).not.toBe(idOf('k', 'a', 'other'))
  })

  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  it.each([
    [trace, trace],
    [trace.toUpperCase(), undefined],
    [`ff${trace.slice(2)}`, undefined],
    ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', undefined],
    ['nonsense', undefined],
  ])('takes the trace of %s for %s', (traceparent, taken) => {
    expect(sent(jsonPost(request('{}', { traceparent }), 'a', about)).traceparent).toBe(taken)
  })

  it.each([
    ['', /it is empty, it has to be a JSON object/],
    ['{', /it is not JSON: /],
    ['[]', /it is an array, it has to be a JSON object/],
    ['null', /it is null/],
    ['"x"', /it is a string/],
    ['12345678901234567890', /it is a number/],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /it is not UTF-8/],
    ['{"a":'.repeat(10_000), /nested deeper than 64 levels/],
  ])('refuses the body %j', (body, message) => {
    expect(jsonPost(request(body), 'a', about)).toEqual({
      status: 400,
      message: expect.stringMatching(message),
    })
  })

  it.each([
    undefined,
    'application/json',
    'Application/JSON; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
  ])('reads %s as JSON', type => {
    expect(jsonPost(request('{}', { 'content-type': type }), 'a', about)).toHaveProperty('payload')
  })

  it.each([
    'application/xml',
    'application/jsonp',
    'text/html',
    'multipart/form-data; boundary=x',
    'application/cloudevents+json',
  ])('does not read %s', type => {
    expect(jsonPost(request('{}', { 'content-type': type }), 'a', about)).toMatchObject({
      status: 415,
      message: expect.stringMatching(/send a JSON object as application\/json, and CloudEvents to POST \//),
    })
  })
})
