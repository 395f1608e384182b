import { describe, expect, it } from 'vitest'
import type { OpsEvent } from '../../shared/event.ts'
import { asksFor, Filter, passes } from '../../shared/filter.ts'
import { parseJson } from '../../shared/json.ts'

const parsed = parseJson('{"uid":12345678901234567890,"__proto__":{"reason":"Forged"},"reason":"BackOff"}')
const event: OpsEvent = {
  specversion: '1.0',
  id: 'e1',
  source: 'https://example.com/cluster',
  type: 'Kube',
  subject: 'ops.clusters.c1.nodes.n1.events',
  hops: 2,
  urgent: true,
  gone: null,
  data: {
    ...('value' in parsed && typeof parsed.value === 'object' ? parsed.value : {}),
    type: 'Warning',
    count: 3,
    related: { kind: 'Pod', labels: { 'app.io/name': 'web' } },
    none: null,
    list: ['a'],
  },
}

// [filter, does it hold]
const filters: [Filter, boolean][] = [
  [{ exact: { type: 'Kube' } }, true],
  [{ exact: { type: 'kube' } }, false],
  [{ exact: { type: 'Kube', source: 'https://example.com/cluster' } }, true],
  [{ exact: { type: 'Kube', source: 'elsewhere' } }, false],
  [{ prefix: { subject: 'ops.clusters.c1.' } }, true],
  [{ prefix: { subject: 'clusters.c1.' } }, false],
  [{ suffix: { subject: '.events' } }, true],
  [{ suffix: { subject: '.alerts' } }, false],
  // Extensions are compared in their string form.
  [{ exact: { hops: '2' } }, true],
  [{ exact: { urgent: 'true' } }, true],
  [{ exact: { 'data.count': '3' } }, true],
  [{ exact: { 'data.uid': '12345678901234567890' } }, true],
  [{ exact: { 'data.type': 'Warning' } }, true],
  [{ exact: { 'data.related.kind': 'Pod' } }, true],
  [{ exact: { 'data.related.labels.app.io/name': 'web' } }, true],
  // What is absent fails every comparison, even one with nothing.
  [{ exact: { severitytext: '' } }, false],
  [{ prefix: { severitytext: '' } }, false],
  [{ suffix: { severitytext: '' } }, false],
  [{ not: { prefix: { severitytext: '' } } }, true],
  [{ prefix: { gone: '' } }, false],
  [{ prefix: { 'data.none': '' } }, false],
  // A bare name is an attribute, never a field of the data, and a path goes by own properties only.
  [{ exact: { reason: 'BackOff' } }, false],
  [{ exact: { 'data.reason': 'BackOff' } }, true],
  [{ prefix: { data: '' } }, false],
  [{ prefix: { constructor: '' } }, false],
  [{ prefix: { ['__proto__']: '' } }, false],
  [{ prefix: { 'data.constructor.name': '' } }, false],
  [{ prefix: { 'data.__proto__.toString': '' } }, false],
  [{ prefix: { 'data.list.length': '' } }, false],
  [{ all: [{ exact: { type: 'Kube' } }, { suffix: { subject: '.events' } }] }, true],
  [{ all: [{ exact: { type: 'Kube' } }, { suffix: { subject: '.alerts' } }] }, false],
  [{ any: [{ exact: { type: 'Host' } }, { suffix: { subject: '.events' } }] }, true],
  [{ any: [{ exact: { type: 'Host' } }, { suffix: { subject: '.alerts' } }] }, false],
  [{ not: { any: [{ exact: { type: 'Kube' } }, { exact: { type: 'Host' } }] } }, false],
]

describe('passes()', () => {
  it.each(filters)('%j: %s', (filter, holds) => {
    expect(passes([filter], event)).toBe(holds)
  })

  it('asks that each filter of the list holds, and for none asks nothing', () => {
    expect(passes([], event)).toBe(true)
    expect(passes([{ exact: { type: 'Kube' } }, { exact: { type: 'Host' } }], event)).toBe(false)
  })

  it('finds nothing in data that is no object', () => {
    for (const data of [undefined, null, 'text', [1], 7])
      expect(passes([{ prefix: { 'data.0': '' } }], { ...event, data }), JSON.stringify(data)).toBe(false)
  })
})

describe('asksFor()', () => {
  const named: Filter = { exact: { 'data.operation': 'DELETED' } }
  it.each<[Filter[], boolean]>([
    [[named], true],
    [[{ exact: { type: 'Kube' } }, { not: named }], true],
    [[{ any: [{ all: [{ exact: { type: 'Kube' } }, named] }] }], true],
    [[{ exact: { operation: 'DELETED' } }], false],
    [[{ exact: { 'data.type': 'data.operation' } }], false],
    [[], false],
  ])('%j: %s', (filters, asks) => {
    expect(asksFor(filters, 'data.operation')).toBe(asks)
  })
})

describe('Filter', () => {
  it.each([
    {},
    { exact: { type: 3 } },
    { exact: {}, prefix: {} },
    { all: [] },
    { not: [] },
    { sql: "type = 'Kube'" },
  ])('refuses %j', filter => {
    expect(Filter.safeParse(filter).success).toBe(false)
  })
})
