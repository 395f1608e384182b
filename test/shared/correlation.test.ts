import { describe, expect, it } from 'vitest'
import { correlationIdOf, correlationOf, rootOf } from '../../shared/correlation.ts'
import type { OpsEvent } from '../../shared/event.ts'

const time = '2026-06-01T12:30:00Z'
const event = (data: unknown, more: Partial<OpsEvent> = {}): OpsEvent => ({
  ...{ specversion: '1.0', id: '1', source: '/s', type: 'Kube', time, cluster: 'c1', data },
  ...more,
})
const pod = { kind: 'Pod', namespace: 'shop', name: 'web-1-a', uid: 'p1' }
const owners = [
  { kind: 'ReplicaSet', name: 'web-1', uid: 'r1' },
  { kind: 'Deployment', name: 'web', uid: 'd1' },
]

describe('rootOf()', () => {
  it.each<[string, OpsEvent, object | undefined]>([
    ['the last of the owners', event({ ...pod, owners }), { kind: 'Deployment', name: 'web', uid: 'd1' }],
    ['the object itself where nobody owns it', event(pod), pod],
    ['the object itself where the owners are none', event({ ...pod, owners: ['x'] }), pod],
    [
      'the object itself where an owner has no name',
      event({ ...pod, owners: [{ kind: 'Node', name: '' }] }),
      pod,
    ],
    [
      'what the subject is about where the data says nothing',
      event('text', { subject: 'ops.clusters.c1.namespaces.shop.ingresses.web.alerts' }),
      { kind: 'ingress', namespace: 'shop', name: 'web' },
    ],
    [
      'what the subject is about where the data has another sort of kind',
      event({ kind: 'disk', host: 'n1' }, { subject: 'ops.clusters.c1.nodes.n1.findings' }),
      { kind: 'node', name: 'n1' },
    ],
    ['nothing where nothing is said', event({ message: 'm' }), undefined],
    ['nothing of a subject of somebody else', event({}, { subject: 'ops.notifications.x' }), undefined],
  ])('is %s', (_, given, root) => {
    const found = rootOf(given)
    if (root) expect(found).toMatchObject({ cluster: 'c1', ...root })
    else expect(found).toBeUndefined()
  })
})

describe('correlationOf()', () => {
  const idOf = (given: OpsEvent) => correlationOf(given).correlationid

  it('is one for pod, ReplicaSet and Deployment', () => {
    const replicaSet = { kind: 'ReplicaSet', namespace: 'shop', name: 'web-1', uid: 'r1' }
    const deployment = { kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'd1' }
    const ids = [
      event({ ...pod, owners }),
      event({ ...replicaSet, owners: owners.slice(1) }),
      event(deployment),
    ].map(idOf)
    expect(new Set(ids).size).toBe(1)
  })

  it.each([
    ['2026-06-01T12:00:00Z', '2026-06-01T12:59:59.999Z', true],
    ['2026-06-01T12:59:59.999Z', '2026-06-01T13:00:00Z', false],
    ['2026-06-01T12:00:00+01:00', '2026-06-01T11:30:00Z', true],
    // Half an hour off is another clock, not another window: hours are those of Unix time.
    ['2026-06-01T17:45:00+05:30', '2026-06-01T12:15:00Z', true],
  ])('of %s and %s is the same: %s', (one, other, same) => {
    const [first, second] = [one, other].map(time => idOf(event(pod, { time })))
    expect(first === second).toBe(same)
  })

  it('is another one of another object, cluster or kind, and of the same name made anew', () => {
    const others = [
      event(pod),
      event({ ...pod, uid: 'p2' }),
      event({ ...pod, kind: 'Job' }),
      event(pod, { cluster: 'c2' }),
      event({ kind: 'Pod', namespace: 'shop', name: 'web-1-a' }),
      event({ kind: 'Pod', namespace: 'other', name: 'web-1-a' }),
    ]
    expect(new Set(others.map(idOf)).size).toBe(others.length)
  })

  it('of a node is the same whoever names it: kubelet, a controller, or a subject', () => {
    const name = 'ip-10-0-0-1.ec2.internal'
    const ids = [
      event({ kind: 'Node', name, uid: name }),
      event({ kind: 'Node', name, uid: '76690d67-10d8-4149-a2e9-ff4f39cb037a' }),
      event({ kind: 'Node', name, namespace: 'default' }),
      event('text', { subject: 'ops.clusters.c1.nodes.ip-10-0-0-1_ec2_internal.findings' }),
    ].map(idOf)
    expect(new Set(ids).size).toBe(1)
  })

  it('of an owner that is in no namespace is that of its own events', () => {
    const owned = { ...pod, owners: [{ kind: 'Fleet', name: 'all', uid: 'f1' }] }
    expect(idOf(event(owned))).toBe(idOf(event({ kind: 'Fleet', name: 'all', uid: 'f1' })))
  })

  it('does not depend on the order in which events come', () => {
    const events = [event(pod), event({ ...pod, owners }), event({ kind: 'Node', name: 'n1' })]
    const there = events.map(idOf)
    expect([...events].reverse().map(idOf).reverse()).toEqual(there)
  })

  it.each([
    ['own', 'own'],
    ['a-b:c/d', 'a-b:c/d'],
  ])('keeps an own %j', (correlationid, kept) => {
    expect(idOf(event(pod, { correlationid }))).toBe(kept)
  })

  it.each(['', 'two words', 'x'.repeat(129), 'ü', 7, true, null])('does not keep %j', correlationid => {
    expect(idOf(event(pod, { correlationid }))).toBe(idOf(event(pod)))
    expect(idOf(event('text', { correlationid }))).toBeUndefined()
  })

  it('is none of an event without a time that is one', () => {
    expect(correlationOf(event(pod, { time: 'soon' }))).toEqual({})
  })
})

describe('correlationIdOf()', () => {
  it('stays what it is', () => {
    const at = Date.parse(time)
    const root = { cluster: 'c1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'd1' }
    expect(correlationIdOf(root, at)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    expect(correlationIdOf({ ...root, kind: 'deployment' }, at + 60_000)).toBe(correlationIdOf(root, at))
    expect(correlationIdOf({ cluster: '', kind: '', name: '' }, at)).toMatch(/^[0-9a-f-]{36}$/)
  })
})
