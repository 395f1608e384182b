import { describe, expect, it } from 'vitest'
import {
  deadLetterOf,
  masked,
  retryMessageOf,
  smallerDeadLetter,
} from '../../../functions/bridge/deadletter.ts'
import { Trigger } from '../../../functions/bridge/triggers.ts'
import { item } from './items.ts'

const trigger = Trigger.parse({
  name: 't',
  filter: { subjects: ['ops.>'] },
  sink: { uri: 'https://user:pw@x:8443/secret/path?key=1' },
})
const text =
  '{"specversion":"1.0","id":"1","source":"s","type":"t","big":"x","data":{"n":12345678901234567890}}'

describe('deadLetterOf()', () => {
  it('is the event with what happened, and tells the rest in headers', () => {
    const failed = { ...item({ text, seq: 7 }), attempts: 3, firstTime: 1_000 }
    const letter = deadLetterOf(trigger, failed, { reason: 'x answered 503', code: 503 }, 9_000)
    expect(letter.subject).toBe('deadletters.t.a.b.events')
    expect(letter.payload).toBe(
      `${text.slice(0, -1)},"knativeerrordest":"https://x:8443","knativeerrorcode":503,"knativeerrordata":"x answered 503"}`,
    )
    expect(letter.headers).toEqual({
      'content-type': 'application/cloudevents+json',
      ...{
        'Ops-Trigger': 't',
        'Ops-Subject': 'ops.a.b.events',
        'Ops-Attempts': '3',
        'Ops-Reason': 'x answered 503',
      },
      ...{ 'Ops-First-Time': '1000', 'Ops-Last-Time': '9000', 'Ops-Stream': 'ops', 'Ops-Sequence': '7' },
    })
  })

  it('leaves what is no CloudEvent as it was', () => {
    const letter = deadLetterOf(
      trigger,
      item({ text: 'nonsense', headers: { 'content-type': 'text/plain' } }),
      { reason: 'no' },
      0,
    )
    expect(Buffer.from(letter.payload).toString()).toBe('nonsense')
    expect(letter.headers).toMatchObject({ 'content-type': 'text/plain', 'Ops-Reason': 'no' })
  })

  it('keeps the attributes of an event in binary mode', () => {
    const head = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': 's', 'ce-type': 't' }
    const letter = deadLetterOf(trigger, item({ text: '{"a":1}', headers: head }), { reason: 'no' }, 0)
    expect(JSON.parse(String(letter.payload))).toMatchObject({
      id: '1',
      data: { a: 1 },
      knativeerrordata: 'no',
    })
  })

  it('has one id for one message, and another for another', () => {
    const idOf = (about: object) =>
      deadLetterOf(trigger, item({ text, ...about }), { reason: String(Math.random()) }, Math.random()).id
    expect(idOf({ seq: 1 })).toBe(idOf({ seq: 1 }))
    expect(idOf({ seq: 1 })).not.toBe(idOf({ seq: 2 }))
    expect(idOf({ seq: 1 })).not.toBe(idOf({ seq: 1, stored: 2_000 }))
  })

  it('shrinks to what came, and then to its story', () => {
    const failed = item({ text })
    const first = smallerDeadLetter(deadLetterOf(trigger, failed, { reason: 'no' }, 0), failed)
    expect(first.payload).toBe(failed.pulled.payload)
    const second = smallerDeadLetter(first, failed)
    expect(second).toMatchObject({ payload: '', headers: { 'Ops-Sequence': '1' } })
    expect(smallerDeadLetter(second, failed).payload).toBe('')
  })
})

describe('retryMessageOf()', () => {
  it('keeps payload and reading, and is due when it was asked for', () => {
    const head = { 'ce-specversion': '1.0', 'ce-id': 'x', 'Nats-Msg-Id': 'old', 'ce-odd_key': 'no' }
    const failed = { ...item({ text: '{"a":1}', headers: head }), attempts: 2 }
    const message = retryMessageOf(trigger, failed, 9_000, { reason: 'later' }, 1_000)
    expect(message.subject).toBe('retries.t.5.a.b.events')
    expect(message.payload).toBe(failed.pulled.payload)
    expect(message.headers).toMatchObject({ 'ce-id': 'x', 'Ops-Due': '10000', 'Ops-Attempts': '2' })
    expect(message.headers).not.toHaveProperty('Nats-Msg-Id')
    expect(message.headers).not.toHaveProperty('ce-odd_key')
  })

  it('does not make a subject that NATS cuts connections for', () => {
    const far = item({ subject: `ops.${'x'.repeat(3_900)}.events` })
    expect(retryMessageOf(trigger, far, 1_000, { reason: '' }, 0).subject).toBe('retries.t.1.long')
  })
})

describe('masked()', () => {
  it.each([
    ['POST https://hooks.slack.com/services/T0/B0/XXXX failed', 'POST https://hooks.slack.com/… failed'],
    ['see http://user:pw@host:80/p?key=1#x now', 'see http://host:80/… now'],
    ['nats://me:secret@bus:4222 is away', 'nats://bus:4222/… is away'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer …'],
    ['bad access_token=abc123&x=1', 'bad access_token=…&x=1'],
    ['api_key: 12345', 'api_key: …'],
    ['{"client_secret":"s3cret","a":1}', '{"client_secret":"…","a":1}'],
    ["password='hunter2'", "password='…'"],
    ['the design: simple', 'the design: simple'],
    ['one\r\nNats-Msg-Id: two\u0000', 'one Nats-Msg-Id: two'],
  ])('makes %j safe', (reason, safe) => expect(masked(reason)).toBe(safe))

  it('has at most 1 KiB of whole characters', () => {
    for (const letter of ['x', 'ü', '错', '😀', '\ud800']) {
      const text = masked(letter.repeat(20_000))
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024)
      expect(text).toBe(text.toWellFormed())
    }
  })

  it('takes no time over hostile text', () => {
    const started = performance.now()
    for (const text of [
      'token '.repeat(200_000),
      `key${' '.repeat(1e6)}`,
      `http://${'a'.repeat(1e6)}`,
      'a'.repeat(1e6),
    ])
      masked(text)
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
