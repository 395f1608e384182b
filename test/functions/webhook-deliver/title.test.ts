import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { titleOf } from '../../../functions/webhook-deliver/title.ts'
import type { OpsEvent } from '../../../shared/event.ts'

const title = (event: Partial<OpsEvent>) =>
  titleOf({ specversion: '1.0', id: 'e1', source: 's', type: 'Default', ...event }, {})

describe('titleOf()', () => {
  it.each<[Partial<OpsEvent>, string]>([
    [
      { type: 'Kube', data: { cluster: 'prod', kind: 'Node', name: 'worker-1', reason: 'NodeNotReady' } },
      'NodeNotReady: node/worker-1 in prod',
    ],
    [
      {
        type: 'Kube',
        subject: 'ops.clusters.c1.namespaces.ns1.ingresses.web.events',
        cluster: 'c1',
        data: {},
      },
      'Event: ingress/web in c1/ns1',
    ],
    [
      { type: 'Host', cluster: 'c1', data: { address: '192.0.2.1', status: { heartStatus: 'Failed' } } },
      'Host Failed: 192.0.2.1 in c1',
    ],
    [
      {
        type: 'Cluster',
        data: { cluster: 'c1', server: 'https://k8s', status: { heartStatus: 'Successed' } },
      },
      'Cluster Successed: https://k8s in c1',
    ],
    [
      { type: 'TaskRunReport', cluster: 'c1', data: { host: 'n1', kind: 'disk', status: 'alerting' } },
      'disk alerting: n1 in c1',
    ],
    [
      { type: 'TaskRun', data: { cluster: 'c1', taskRef: 'clean', runStatus: 'Failed' } },
      'TaskRun Failed: clean in c1',
    ],
    [
      { type: 'Digest', cluster: 'c1', data: { hook: 'ops-system/notices', message: '15 more events' } },
      '15 more events: ops-system/notices in c1',
    ],
    [{ subject: 'ops.a.b', data: { title: 'Deployed', summary: 'x' } }, 'Deployed'],
    [{ subject: 'ops.a.b', data: { summary: 'Disk full' } }, 'Disk full'],
    [{ subject: 'ops.a.b', data: 'text' }, 'Default: ops.a.b'],
    [{ type: 'constructor' }, 'constructor'],
    [{ data: { title: ' two\r\nlines\u2028and\u0000more ' } }, 'two lines and more'],
  ])('of %j', (event, line) => expect(title(event)).toBe(line))

  it('is one line of at most 200 well-formed characters, whatever the event', () => {
    const anything = fc.record({
      type: fc.oneof(fc.constantFrom('Kube', 'Host', 'TaskRunReport', 'Digest'), fc.string({ minLength: 1 })),
      subject: fc.string({ unit: 'binary' }),
      data: fc.oneof(
        fc.jsonValue(),
        fc.record({
          reason: fc.string({ unit: 'binary', maxLength: 300 }),
          name: fc.jsonValue(),
          kind: fc.jsonValue(),
        }),
      ),
    })
    fc.assert(
      fc.property(anything, event => {
        const line = title(event)
        expect(line.length).toBeLessThanOrEqual(200)
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(line.isWellFormed()).toBe(true)
      }),
    )
  })
})
