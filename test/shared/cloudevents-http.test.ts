import type { IncomingHttpHeaders } from 'node:http'
import { CloudEvent, HTTP, type Message } from 'cloudevents'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeHttp, encodeBinary, modeOf } from '../../shared/cloudevents-http.ts'
import type { OpsEvent } from '../../shared/event.ts'

const event = { specversion: '1.0', id: '1', source: '/s', type: 't' } as const
const ce = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' }
const structured = { 'content-type': 'application/cloudevents+json' }
const batch = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' }
const json = (value: unknown) => Buffer.from(JSON.stringify(value))

describe('modeOf()', () => {
  it.each([
    [structured, 'structured'],
    [{ 'content-type': 'Application/CloudEvents+JSON; charset=utf-8' }, 'structured'],
    [{ 'content-type': 'application/cloudevents+avro' }, 'structured'],
    [batch, 'batch'],
    [{ ...ce, 'content-type': 'application/json' }, 'binary'],
    [{ 'content-type': 'application/json' }, undefined],
    [{}, undefined],
  ])('of %j: %s', (headers, mode) => {
    expect(modeOf(headers)).toBe(mode)
  })
})

describe('decodeHttp()', () => {
  it('reads a structured event', () => {
    expect(decodeHttp(structured, json({ ...event, data: [1] }))).toEqual({
      mode: 'structured',
      events: [{ ...event, data: [1] }],
    })
  })

  it('reads a batch, an empty one too', () => {
    expect(decodeHttp(batch, json([event, event]))).toEqual({ mode: 'batch', events: [event, event] })
    expect(decodeHttp(batch, json([]))).toEqual({ mode: 'batch', events: [] })
  })

  it.each([
    ['application/json', '{"a":1}', { data: { a: 1 } }],
    ['application/vnd.x+json; charset=utf-8', '"text"', { data: 'text' }],
    ['text/plain', 'text', { data: 'text' }],
    ['application/octet-stream', 'text', { data_base64: 'dGV4dA==' }],
    ['application/json', '', {}],
  ])('reads binary mode with %s', (type, body, data) => {
    expect(decodeHttp({ ...ce, 'content-type': type }, Buffer.from(body))).toEqual({
      mode: 'binary',
      events: [{ ...event, datacontenttype: type, ...data }],
    })
  })

  it.each([
    ['Euro%20%E2%82%AC%20%25', 'Euro € %'],
    ['"quoted \\"x\\" %41"', 'quoted "x" A'],
    ['100%', '100%'],
  ])('decodes the header %s', (header, subject) => {
    expect(decodeHttp({ ...ce, 'ce-subject': header }, Buffer.alloc(0))).toMatchObject({
      events: [{ subject }],
    })
  })

  const refused: [string, IncomingHttpHeaders, string, number, RegExp][] = [
    ['no CloudEvent', { 'content-type': 'text/xml' }, '<a/>', 415, /there are no ce- headers/],
    ['another structured format', { 'content-type': 'application/cloudevents+xml' }, '', 415, /only JSON/],
    ['no id', { ...ce, 'ce-id': undefined }, '', 400, /"id" is missing/],
    ['a bad specversion', { ...ce, 'ce-specversion': '9.9' }, '', 400, /"specversion" is "9.9"/],
    ['bad octets', { ...ce, 'ce-subject': '%ff' }, '', 400, /"ce-subject" is not percent-encoded UTF-8/],
    ['data in a header', { ...ce, 'ce-data': 'x' }, '', 400, /"ce-data" is no attribute/],
    ['bad JSON data', { ...ce, 'content-type': 'application/json' }, '{', 400, /the data: it is not JSON/],
    ['a structured text', structured, 'x', 400, /not JSON/],
    ['a structured array', structured, '[]', 400, /a CloudEvent is a JSON object/],
    ['a batch of one object', batch, '{}', 400, /a batch is a JSON array/],
    [
      'a bad member',
      batch,
      JSON.stringify([event, { ...event, id: 1 }]),
      400,
      /member 2 of the batch: .*"id"/,
    ],
  ]
  it.each(refused)('refuses %s', (_, headers, body, status, problem) => {
    expect(decodeHttp(headers, Buffer.from(body))).toEqual({
      status,
      problem: expect.stringMatching(problem),
    })
  })
})

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map(code => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 20,
})
// The SDK neither quotes nor percent-encodes; what needs neither, both write alike.
const address = fc.webUrl().filter(text => !text.includes('%'))
const plain = visible.filter(text => !/[%"]/.test(text))
const data = fc
  .jsonValue()
  .filter(value => JSON.stringify(value) === JSON.stringify(JSON.parse(JSON.stringify(value))))

describe('binary mode', () => {
  it('carries any event to the other side', () => {
    fc.assert(
      fc.property(name, name, name, name, data, (id, source, type, subject, data) => {
        const sent: OpsEvent = {
          ...event,
          id,
          source,
          type,
          subject,
          datacontenttype: 'application/json',
          data,
        }
        const { headers, body } = encodeBinary(sent)
        for (const value of Object.values(headers)) expect(value).toMatch(/^[ !-~]*$/)
        expect(decodeHttp(headers, body)).toEqual({
          mode: 'binary',
          events: [JSON.parse(JSON.stringify(sent))],
        })
      }),
    )
  })

  it('carries octets and text', () => {
    for (const sent of [
      { ...event, datacontenttype: 'image/png', data_base64: 'AAEC/w==' },
      { ...event, datacontenttype: 'text/plain', data: 'größer' },
    ]) {
      const { headers, body } = encodeBinary(sent)
      expect(decodeHttp(headers, body)).toEqual({ mode: 'binary', events: [sent] })
    }
  })

  it('is understood by the SDK, and understands it', () => {
    fc.assert(
      fc.property(
        plain,
        address,
        plain,
        fc.dictionary(fc.string(), fc.string()),
        (id, source, type, data) => {
          const sent = { ...event, id, source, type, datacontenttype: 'application/json', data }
          const { headers, body } = encodeBinary(sent)
          const theirs = HTTP.toEvent({ headers, body: body.toString() })
          expect(theirs).toMatchObject({ id, source, type, data: JSON.parse(JSON.stringify(data)) })

          const message = HTTP.binary(new CloudEvent({ id, source, type, data }))
          const ours = decodeHttp(lowerCased(message), Buffer.from(String(message.body)))
          expect(ours).toMatchObject({
            events: [{ id, source, type, data: JSON.parse(JSON.stringify(data)) }],
          })
        },
      ),
    )
  })
})

it('structured mode is that of the SDK', () => {
  fc.assert(
    fc.property(name, address, name, data, (id, source, type, data) => {
      const theirs = new CloudEvent({ id, source, type, data })
      const message = HTTP.structured(theirs)
      const ours = decodeHttp(lowerCased(message), Buffer.from(String(message.body)))
      expect(ours).toEqual({ mode: 'structured', events: [JSON.parse(JSON.stringify(theirs))] })
    }),
  )
})

const lowerCased = (message: Message): IncomingHttpHeaders =>
  Object.fromEntries(
    Object.entries(message.headers).map(([key, value]) => [key.toLowerCase(), String(value)]),
  )
