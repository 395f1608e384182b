import fc from 'fast-check'
import { expect, it } from 'vitest'
import { requestOf } from '../../../functions/webhook-deliver/request.ts'
import type { Shipment } from '../../../functions/webhook-deliver/sink.ts'
import { sinks } from '../../../functions/webhook-deliver/sinks.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import { isEvent } from '../../../shared/event.ts'
import { isObject } from '../../../shared/json.ts'
import { readSettings, type SinkType } from '../../../shared/receivers.ts'
import { compiledHook } from '../../compiled-hook.ts'
import { type Reader, data as readData } from './sinks/readings.ts'
import { hostileShipments, now, plainText, shipment } from './sinks/shipments.ts'

const id = '5d3c8a52-0a3d-5c8e-9a59-2f5f0c0a0b0c'

const hook = compiledHook('ops-system/notices')

/** Any event that can stand on the bus, with the extensions of a delivery. */
const deliveries: fc.Arbitrary<Delivery> = fc
  .record(
    {
      specversion: fc.constant('1.0' as const),
      id: fc.string({ minLength: 1, unit: 'binary' }),
      source: fc.string({ minLength: 1 }),
      type: fc.oneof(
        fc.constantFrom('Kube', 'Host', 'TaskRunReport', 'constructor'),
        fc.string({ minLength: 1 }),
      ),
      subject: fc.constantFrom('ops.clusters.c1.namespaces.ns1.pods.pod1.events', 'ops.x'),
      time: fc.constantFrom('2026-01-31T12:00:00Z', '2026-01-31T12:00:00.123456+08:00'),
      datacontenttype: fc.oneof(
        fc.constantFrom('application/json', 'text/plain'),
        fc.string({ minLength: 1 }),
      ),
      data: fc.jsonValue(),
      cluster: fc.string({ unit: 'binary' }),
      attempt: fc.constantFrom(2, 3, '4'),
      hook: fc.constant(hook.id),
      hookrevision: fc.constant('r1'),
      deliveryid: fc.constant(id),
    },
    { requiredKeys: ['specversion', 'id', 'source', 'type', 'hook', 'hookrevision', 'deliveryid'] },
  )
  .filter(isEvent)
  .map(event => ({ ...event, hook: hook.id, hookrevision: 'r1', deliveryid: id }))

/** What a kind is asked with, and how its bodies are read. */
export type Kind = {
  url?: string
  options?: Record<string, string>
  /** The readable text stands in it whole, as people and programs wrote rules for it. */
  whole?: true
  /** People read it: a title and fields in the service's markup, or a template. */
  chat?: true
  /** It is no JSON: the body is as format text or cloudevent of the webhook has it. */
  raw?: true
  /** `additional` is the author's and goes as it is. */
  trusts?: true
  /** Its options' secrets that belong into the body or the path. */
  tells?: string[]
  reader?: Reader
  /** What whom the author calls looks like in a reading. */
  mentions?: string[]
}

const secrets = {
  secret: 'sec-canary',
  password: 'pass-canary',
  bearer: 'bear-canary',
  username: 'user-canary',
}
const link = 'https://console.example/events/e1'

/** What holds for every sink, whatever the event: the house has more sinks than one, and one way of sending. */
export function sinkContract(type: SinkType, kind: Kind = {}): void {
  const sink = sinks[type]
  const url = new URL(kind.url ?? 'https://example.com/hooks/one?key=s3cret')
  const { options = {}, reader = readData } = kind
  const requestFor = (delivery: Delivery, additional: string) =>
    requestOf(
      [delivery],
      { hook, sink, url, options, additional, headers: {}, keys: [] },
      { now, timeZone: 'UTC' },
    )

  function sent(given: Shipment) {
    const request = sink.request({ ...given, url, options: { ...given.options, ...options } })
    if ('problem' in request) throw new Error(request.problem)
    const text = String(request.body)
    return { ...request, text, body: bodyOf(text, request.headers) }
  }

  it('makes a request of any event, to the origin it was given, with the headers that all of them carry', () => {
    fc.assert(
      fc.property(deliveries, fc.string({ unit: 'binary' }), (delivery, additional) => {
        const request = requestFor(delivery, additional)
        if ('problem' in request) {
          expect(request.problem).toMatch(/datacontenttype/)
          return
        }
        expect(request.url.origin).toBe(url.origin)
        expect(request.headers).toMatchObject({
          'webhook-id': id,
          'webhook-timestamp': '1769860800',
          'user-agent': 'ops-events',
          'content-type': expect.stringMatching(/^\S+\/\S+/),
        })
        // They go out as they are: undici refuses others, and a refusal would be tried again for ever.
        expect(() => new Headers(request.headers)).not.toThrow()
      }),
    )
  })

  it('shows nothing of what only the way here needed', () => {
    fc.assert(
      fc.property(deliveries, delivery => {
        const request = requestFor({ ...delivery, hookrevision: 'revision-of-the-hook' }, '')
        if ('problem' in request) return
        const shown = JSON.stringify(request.headers) + String(request.body)
        expect(shown).not.toContain('revision-of-the-hook')
        expect(Object.keys(request.headers)).not.toContain('ce-deliveryid')
      }),
    )
  })

  if (kind.whole) {
    it('has the whole readable text and additional in it', () => {
      fc.assert(
        fc.property(deliveries, fc.string(), fc.string(), (delivery, message, additional) => {
          const data = { reason: 'BackOff', message: `"${message}" <b> & \n` }
          const request = requestFor({ ...delivery, type: 'Kube', data }, additional)
          if ('problem' in request) return
          const all = strings(JSON.parse(String(request.body))).join('\n')
          expect(all).toContain(`reason: BackOff \nmessage: "${message}" <b> & \n \n`)
          expect(all).toContain(additional)
        }),
      )
    })
  }

  if (kind.raw) return

  it('keeps to the limits of the service, and lets no text of an event mention, link or break out', () => {
    fc.assert(
      fc.property(hostileShipments, given => {
        const { body, text } = sent(kind.trusts ? { ...given, additional: 'action: x' } : given)
        for (const [what, length, most] of reader.limits(body, text))
          expect(length, what).toBeLessThanOrEqual(most)
        const { links, mentions, broken } = reader.read(body)
        expect(broken).toEqual([])
        expect(mentions.filter(one => !(kind.mentions ?? []).includes(one))).toEqual([])
        expect(links.filter(one => one !== linkIn(given.link))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  // What programs read is data: a control character in it is escaped by JSON, and theirs to judge.
  if (kind.chat) {
    it('shows nobody a control, a bidirectional override or half a character', () => {
      fc.assert(
        fc.property(hostileShipments, given => {
          for (const shown of strings(sent(given).body)) {
            expect(shown).not.toMatch(/(?!\n|\u2060)[\p{Cc}\p{Cf}\p{Cs}]/u)
          }
        }),
      )
    })
  }

  it('tells the title, each field, what was held back and how long it lasted', () => {
    const fields = fc.array(fc.tuple(plainText, plainText), { minLength: 1, maxLength: 9 })
    const resolved = { delivery: 'd0', from: '2026-01-31T11:55:50Z', to: '2026-01-31T12:00:00Z' }
    const held = { count: 37, since: '2026-01-31T10:02:00Z' }
    fc.assert(
      fc.property(plainText, fields, plainText, (title, fields, additional) => {
        const text = fields.map(([label, value]) => `${label}: ${value} \n`).join('') + linesTold
        const data = Object.fromEntries(fields)
        const event = { ...shipment().event, type: 'x', data }
        const told = { notice: 'resolved', resolved, held } as const
        const { body } = sent(shipment({ event, title, fields, text, additional, link, ...told }))
        const seen = flat(reader.read(body).seen + (reader === readData ? JSON.stringify(body) : ''))
        const titled = kind.chat ? [title] : []
        for (const part of [...titled, ...Object.values(data), additional]) expect(seen).toContain(flat(part))
        expect(seen).toMatch(/37 more like this|"count":37/)
        expect(seen).toMatch(/resolved after 4m10s|11:55:50.*12:00:00/i)
      }),
    )
  })

  it('sends what a template made as it is, only cut', () => {
    fc.assert(
      fc.property(plainText, fc.boolean(), (line, long) => {
        const made = `*${line}* <b>x</b> ${long ? 'y'.repeat(100_000) : ''}`
        const { body, text } = sent(shipment({ text: made, templated: true }))
        for (const [what, length, most] of reader.limits(body, text))
          expect(length, what).toBeLessThanOrEqual(most)
        const about = strings(body).join('\n')
        if (kind.chat) expect(about).toContain(`*${line}* <b>x</b> `)
      }),
    )
    expect(() => sent(shipment({ text: '\ud800', templated: true }))).not.toThrow()
  })

  it('has no secret of its options in the body, and none at all in its reasons', () => {
    const given = shipment({ options: secrets })
    const { text, headers } = sent(given)
    const tells = kind.tells ?? []
    const all = Object.entries({ ...secrets, ...options }).filter(([name]) =>
      /secret|password|bearer|token|key/.test(name),
    )
    for (const [name, value] of all) {
      if (!tells.includes(name)) expect(text).not.toContain(value)
      expect(JSON.stringify(headers)).not.toContain(value)
      const answers = [200, 400, 429].flatMap(status => sink.verdict?.(answer(status, value)) ?? [])
      expect(JSON.stringify(answers)).not.toContain(value)
    }
  })

  it('was made here with settings that it can work with', () => {
    expect(readSettings(type, { url, options })).toHaveProperty('keys')
  })

  it('judges any answer, and never fails at it', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .dictionary(
          fc.constantFrom('errcode', 'code', 'ok', 'error', 'items', 'errors', 'parameters'),
          fc.jsonValue(),
        )
        .map(value => JSON.stringify(value)),
      fc.constantFrom(
        '',
        'ok',
        '[',
        '{"items":[{}]}',
        '{"items":[{"create":{"status":"x"}}]}',
        '['.repeat(10_000),
      ),
    )
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), bodies, fc.boolean(), (status, body, cut) => {
        const given = { status, retryAfter: undefined, body, cut }
        const outcome = sink.verdict?.(given)
        expect(outcome === undefined || ['done', 'drop', 'retry'].includes(outcome.kind)).toBe(true)
        if (status >= 300) expect(outcome?.kind).not.toBe('done')
        const many = [shipment(), shipment()]
        const each = sink.many?.verdicts(given, many)
        expect(each?.length ?? many.length).toBe(many.length)
      }),
    )
  })
}

const linesTold = 'resolved after 4m10s \n37 more like this were held back since 10:02:00 \n'
const answer = (status: number, body: string) => ({ status, retryAfter: undefined, body, cut: false })
const flat = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

// The link of the event, as far as it is one, with what is markup somewhere percent-encoded.
function linkIn(given: string | undefined): string | undefined {
  const url = given === undefined ? null : URL.parse(given)
  if (!url || !['http:', 'https:'].includes(url.protocol)) return undefined
  return [...url.href]
    .map(one => ('()<>[]|"\'`*\\!'.includes(one) ? `%${one.charCodeAt(0).toString(16).toUpperCase()}` : one))
    .join('')
}

function bodyOf(text: string, headers: Record<string, string>): unknown {
  const type = headers['content-type'] ?? ''
  if (!type.includes('ndjson')) return JSON.parse(text)
  expect(text.endsWith('\n')).toBe(true)
  return text
    .slice(0, -1)
    .split('\n')
    .map(line => JSON.parse(line))
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(strings)
  return isObject(value) ? Object.values(value).flatMap(strings) : []
}
