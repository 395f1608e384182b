import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classifierOf } from '../../shared/classify.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { parseJson } from '../../shared/json.ts'
import { eventOf, rowOf } from '../../shared/row.ts'

const received = new Date('2026-01-31T12:00:00Z')
const reading = { received, classify: classifierOf(), keepOf: () => 14 }
const rowFor = (more: object) => rowOf({ ...event, ...more }, reading)

const event = {
  specversion: '1.0',
  id: 'e1',
  source: 'https://github.com/shaowenchen/ops',
  type: 'Kube',
  subject: 'ops.clusters.prod.namespaces.shop.pods.web-1.events',
  time: '2026-01-31T11:59:00.123Z',
  datacontenttype: 'application/json',
  cluster: 'prod',
  category: 'lifecycle',
  severitynumber: 14,
  correlationid: 'c1',
  traceparent: '00-ab-cd-01',
  data: {
    ...{ cluster: 'prod', type: 'Warning', reason: 'BackOff', kind: 'Pod', namespace: 'shop', name: 'web-1' },
    ...{ node: 'n1', message: 'Back-off restarting', occurrences: 3 },
  },
} satisfies OpsEvent

describe('rowOf()', () => {
  it('has a column for what is asked for often', () => {
    expect(rowOf(event, reading)).toEqual({
      ...{ id: 'e1', source: event.source, time: new Date(event.time), subject: event.subject },
      ...{
        event_type: 'Kube',
        type: 'Warning',
        cluster: 'prod',
        namespace: 'shop',
        kind: 'Pod',
        name: 'web-1',
      },
      ...{ reason: 'BackOff', node: 'n1', resource: 'pods', observation: 'events', category: 'lifecycle' },
      ...{ severity: 14, occurrences: 3, correlation: 'c1', message: 'Back-off restarting', keep: 14 },
      ...{
        template: expect.stringMatching(/./),
        data: event.data,
        attributes: { traceparent: '00-ab-cd-01' },
      },
    })
  })

  it('classifies and correlates what comes without', () => {
    const row = rowFor({ category: undefined, severitynumber: undefined, correlationid: undefined })
    expect(row).toMatchObject({
      category: expect.stringMatching(/./),
      correlation: expect.stringMatching(/-/),
    })
    expect(row.severity).toBeGreaterThan(0)
  })

  it('takes from the subject what the data does not say', () => {
    expect(rowFor({ data: undefined, cluster: undefined })).toMatchObject({
      ...{
        namespace: 'shop',
        kind: 'pod',
        name: 'web-1',
        reason: '',
        type: 'Kube',
        template: null,
        data: null,
      },
    })
  })

  it('has a readable text where there is no message, and no template for that', () => {
    expect(rowFor({ type: 'Note', data: { disk: 'full' } })).toMatchObject({
      message: '{"disk":"full"}',
      template: null,
    })
  })

  it.each<[string, string | undefined, string, number]>([
    ['none: when it came', undefined, '2026-01-31T12:00:00.000Z', 14],
    ['an old one: it is kept from when it came', '2025-01-01T00:00:00Z', '2025-01-01T00:00:00.000Z', -14],
    ['of tomorrow', '2026-02-01T11:00:00Z', '2026-02-01T11:00:00.000Z', 14],
    ['far ahead: likewise', '2099-01-01T00:00:00Z', '2099-01-01T00:00:00.000Z', -14],
    ['of no year of PostgreSQL', '0000-01-01T00:00:00Z', '0001-01-02T00:00:00.000Z', -14],
    ['beyond the last year', '9999-12-31T23:59:59-12:00', '9999-12-30T00:00:00.000Z', -14],
  ])('takes a time %s', (_, time, taken, keep) => {
    const row = rowFor({ time })
    expect([row.time.toISOString(), row.keep]).toEqual([taken, keep])
  })

  it('replaces what no database holds, and says so', () => {
    const parsed = parseJson(
      String.raw`{"a\u0000":"b\u0000\ud800","n":1e400000,"m":100000000000000000000,"🙂":"🙂"}`,
    )
    const row = rowFor({ id: 'e\0', data: 'value' in parsed ? parsed.value : {}, x: 'y\0' })
    expect(JSON.parse(JSON.stringify(row.data))).toEqual({
      ...{ 'a\ufffd': 'b\ufffd\ufffd', n: '1e400000', m: 1e20, '🙂': '🙂' },
    })
    expect(row).toMatchObject({ id: 'e\ufffd', attributes: { cleaned: true, x: 'y\ufffd' } })
  })

  it('leaves alone what only looks so', () => {
    const data = { uid: '0a7e12345-1e4000', text: '\\u0000 \\ud800 1e400000', n: 1e20, s: '7'.repeat(2_000) }
    const row = rowFor({ data })
    expect(row.data).toEqual(data)
    expect(row.attributes).not.toHaveProperty('cleaned')
  })

  it('cuts to whole characters what a column has no room for', () => {
    const row = rowFor({
      data: { name: '网'.repeat(100), reason: 'r'.repeat(1_000), message: 'm'.repeat(100_000) },
    })
    expect([row.name, row.reason.length, row.message.length]).toEqual(['网'.repeat(84), 128, 8_192])
  })

  it('has a row for every JSON', () => {
    const anything = fc.record({
      data: fc.jsonValue(),
      x: fc.string(),
      time: fc.date().map(String),
      subject: fc.string(),
    })
    fc.assert(
      fc.property(anything, more => {
        const row = rowFor(more)
        expect(JSON.stringify(row)).not.toMatch(/\\u0000|\\ud[89a-f]/)
      }),
      { numRuns: 200 },
    )
  })
})

describe('eventOf()', () => {
  it('is the event again', () => {
    expect(eventOf(rowOf(event, reading))).toEqual(event)
    const precise = {
      ...event,
      time: '2026-01-31T11:59:00.123456+01:00',
      data: 'text',
      datacontenttype: 'text/plain',
    }
    expect(eventOf(rowOf(precise, reading))).toEqual(precise)
  })
})
