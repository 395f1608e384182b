import fc from 'fast-check'
import { expect, it } from 'vitest'
import { requestOf } from '../../../functions/webhook-deliver/request.ts'
import type { Sink } from '../../../functions/webhook-deliver/sink.ts'
import type { Delivery } from '../../../shared/delivery.ts'
import { isEvent } from '../../../shared/event.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import { isObject } from '../../../shared/json.ts'
import { readableText } from '../../../shared/readable.ts'

const now = Date.parse('2026-01-31T12:00:00.900Z')
const id = '5d3c8a52-0a3d-5c8e-9a59-2f5f0c0a0b0c'

const hook: CompiledHook = {
  id: 'ops-system/notices',
  namespace: 'ops-system',
  name: 'notices',
  revision: 'r1',
  type: 'webhook',
  subject: 'ops.>',
  include: [],
  exclude: [],
  matchMode: 'ANY',
  matchType: 'CONTAINS',
  sealed: '',
}

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

/** What holds for every sink, whatever the event: the house has more sinks than one, and one way of sending. */
export function sinkContract(sink: Sink, options: Record<string, string> = {}): void {
  const url = new URL('https://example.com/hooks/one?key=s3cret')
  const requestFor = (delivery: Delivery, additional: string) =>
    requestOf(delivery, { hook, sink, url, options, additional }, { now, text: readableText })

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

  it('makes JSON of an event, unless told otherwise, with the whole readable text and additional in it', () => {
    fc.assert(
      fc.property(deliveries, fc.string(), fc.string(), (delivery, message, additional) => {
        const data = { reason: 'BackOff', message: `"${message}" <b> & \n` }
        const request = requestFor({ ...delivery, type: 'Kube', data }, additional)
        if ('problem' in request || options.format) return
        const body: unknown = JSON.parse(String(request.body))
        const all = strings(body).join('\n')
        expect(all).toContain(`reason: BackOff \nmessage: "${message}" <b> & \n \n`)
        expect(all).toContain(additional)
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
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(strings)
  return isObject(value) ? Object.values(value).flatMap(strings) : []
}
