import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OpsEvent } from '../../shared/event.ts'
import { readableText } from '../../shared/readable.ts'

const event = (more: Partial<OpsEvent>): OpsEvent => ({
  specversion: '1.0',
  id: 'e1',
  source: 's',
  type: 'Kube',
  subject: 'ops.clusters.c1.namespaces.ns1.pods.pod1.events',
  ...more,
})
const lines = (...all: string[]) => all.map(line => `${line} \n`).join('')

describe('readableText() of type Digest', () => {
  it('counts by reason, the most frequent first, and names the first', () => {
    const data = {
      hook: 'ops-system/notices',
      from: '2026-01-31T12:00:00.000Z',
      until: '2026-01-31T12:01:00.000Z',
      count: 15,
      reasons: { Unhealthy: 3, BackOff: 12 },
      names: ['web-1', 'web-2'],
      message: '15 more events',
    }
    expect(readableText(event({ type: 'Digest', cluster: 'c1', data }), 'Asia/Shanghai')).toBe(
      lines(
        'cluster: c1',
        'hook: ops-system/notices',
        'from: 2026-01-31 20:00:00',
        'until: 2026-01-31 20:01:00',
        'count: 15',
        'reasons: BackOff 12, Unhealthy 3',
        'names: web-1, web-2',
        'message: 15 more events',
      ),
    )
  })

  it('leaves out what a stranger’s has otherwise', () => {
    const data = { count: 1, reasons: 'many', names: 'all' }
    expect(readableText(event({ type: 'Digest', data }))).toBe(lines('count: 1'))
  })
})

describe('readableText() of type Pattern', () => {
  it('says what recurs, how often, and what of it is unusual', () => {
    const data = {
      ...{ cluster: 'c1', namespace: 'shop', kind: 'Pod', reason: 'BackOff', key: 'backoff-pod-shop' },
      ...{ verdict: 'change', count: 48, frequency: 1.02, ratio: 12, history: 7 },
      ...{ firstSeen: '2026-01-31T12:00:00.000Z', lastSeen: '2026-01-31T12:47:00.000Z' },
      ...{ template: 'Back-off <*>', samples: [], message: 'BackOff of Pod in shop: 48 times' },
    }
    expect(readableText(event({ type: 'Pattern', data }))).toBe(
      lines(
        ...['cluster: c1', 'namespace: shop', 'kind: Pod', 'reason: BackOff', 'verdict: change'],
        ...['count: 48', 'ratio: 12', 'firstSeen: 2026-01-31 12:00:00', 'lastSeen: 2026-01-31 12:47:00'],
        'message: BackOff of Pod in shop: 48 times',
      ),
    )
  })
})

describe('readableText() of type Kube', () => {
  const data = {
    cluster: 'c1',
    namespace: 'ns1',
    kind: 'Pod',
    name: 'pod.1',
    type: 'Warning',
    reason: 'BackOff',
    eventTime: '2026-01-31T12:00:00.5Z',
    from: 'kubelet',
    message: 'Back-off\nrestarting',
    count: 3,
  }

  it('has the fields of its list, in order', () => {
    expect(readableText(event({ data }))).toBe(
      lines(
        'cluster: c1',
        'namespace: ns1',
        'pod: pod.1',
        'type: Warning',
        'reason: BackOff',
        'timestamp: 2026-01-31 12:00:00',
        'from: kubelet',
        'message: Back-off\nrestarting',
      ),
    )
  })

  it('tells the time in a time zone', () => {
    const inShanghai = readableText(event({ data }), 'Asia/Shanghai')
    expect(inShanghai).toContain('timestamp: 2026-01-31 20:00:00 \n')
  })

  it('takes from the subject and the extension what the data leaves out', () => {
    expect(readableText(event({ cluster: 'c9', data: { reason: 'BackOff' } }))).toBe(
      lines('cluster: c9', 'namespace: ns1', 'pod: pod1', 'reason: BackOff'),
    )
  })

  it.each([
    ['ops.clusters.c1.nodes.n1.events', lines('node: n1')],
    ['ops.clusters.c1.namespaces.ns1.ingresses.i1.events', lines('namespace: ns1', 'ingress: i1')],
    [
      'ops.clusters.c1.namespaces.ns1.networkpolicies.p1.events',
      lines('namespace: ns1', 'networkpolicy: p1'),
    ],
    ['ops.clusters.c1.storageclasses.fast.events', lines('storageclass: fast')],
    ['ops.clusters.c1.namespaces.ns1.services.s1.events', lines('namespace: ns1', 'service: s1')],
    ['ops.notifications.x', ''],
  ])('names the resource of %s', (subject, text) => {
    expect(readableText(event({ subject, data: {} }))).toBe(text)
  })

  it('shows what is no time as it stands', () => {
    expect(readableText(event({ subject: 'ops.x', data: { eventTime: 'noon' } }))).toBe(
      lines('timestamp: noon'),
    )
  })
})

describe('readableText() of other types', () => {
  it.each([
    [
      event({
        type: 'Host',
        cluster: 'c1',
        data: {
          address: '10.0.0.1',
          status: { hostname: 'h1', diskUsagePercent: '91%', heartStatus: 'Successed' },
        },
      }),
      lines(
        'cluster: c1',
        'address: 10.0.0.1',
        'hostname: h1',
        'diskUsagePercent: 91%',
        'heartStatus: Successed',
      ),
    ],
    [
      event({
        type: 'Cluster',
        data: { cluster: 'c1', server: 'https://k', status: { version: 'v1.33.0', certNotAfterDays: 12 } },
      }),
      lines('cluster: c1', 'server: https://k', 'version: v1.33.0', 'certNotAfterDays: 12'),
    ],
    [
      event({
        type: 'TaskRunReport',
        time: '2026-01-31T12:00:00Z',
        data: {
          cluster: 'c1',
          host: 'h1',
          kind: 'disk',
          threshold: 80,
          operator: '>',
          value: 91,
          status: 'alerting',
        },
      }),
      lines(
        'cluster: c1',
        'host: h1',
        'kind: disk',
        'threshold: 80',
        'operator: >',
        'value: 91',
        'status: alerting',
        'time: 2026-01-31 12:00:00',
      ),
    ],
    [event({ type: 'Default', data: { b: 1, a: [true, null] } }), '{"b":1,"a":[true,null]}'],
    [event({ type: 'Kube', data: 'text' }), '"text"'],
    [event({ type: 'Note', datacontenttype: 'text/plain', data: 'as it is' }), 'as it is'],
    [event({ type: 'Note', data_base64: 'AAE=' }), 'AAE='],
    [event({ type: 'Note' }), ''],
    // Names that every object has are types like any other.
    [event({ type: 'constructor', data: { a: 1 } }), '{"a":1}'],
    [event({ type: '__proto__', data: { a: 1 } }), '{"a":1}'],
  ])('of %o', (given, text) => {
    expect(readableText(given)).toBe(text)
  })

  it('is a text of any event', () => {
    const types = fc.constantFrom('Kube', 'Host', 'Cluster', 'TaskRunReport', 'TaskRun', 'toString')
    fc.assert(
      fc.property(types, fc.string(), fc.jsonValue(), (type, subject, data) => {
        expect(readableText(event({ type, subject, data }))).toBeTypeOf('string')
      }),
    )
  })
})
