import { describe, expect, it } from 'vitest'
import { turnOf } from '../../shared/counter-events.ts'
import type { OpsEvent } from '../../shared/event.ts'

const node = 'ops.clusters.c1.nodes.n1.events'
const pod = 'ops.clusters.c1.namespaces.ns1.pods.p1.events'

const kube = (subject: string, data: object): OpsEvent => ({
  specversion: '1.0',
  id: 'e1',
  source: 's',
  type: 'Kube',
  subject,
  data,
})

const onPod = (reason: string, message = '', fieldPath = 'spec.containers{app}') =>
  kube(pod, { kind: 'Pod', reason, message, fieldPath })
const onNode = (reason: string) => kube(node, { kind: 'Node', reason })
const pulling = 'Failed to pull image "x": not found'

/** Does `end` end what `trouble` told of? */
const ends = (trouble: OpsEvent, end: OpsEvent) => {
  const raised = turnOf(trouble)?.raises ?? []
  return raised.length > 0 && raised.every(name => turnOf(end)?.ends.includes(name))
}

const pairs: [OpsEvent, OpsEvent][] = [
  [onNode('NodeNotReady'), onNode('NodeReady')],
  [onNode('NodeHasDiskPressure'), onNode('NodeHasNoDiskPressure')],
  [onNode('NodeHasInsufficientMemory'), onNode('NodeHasSufficientMemory')],
  [onNode('NodeHasInsufficientPID'), onNode('NodeHasSufficientPID')],
  [onNode('NodeNotSchedulable'), onNode('NodeSchedulable')],
  [onPod('FailedScheduling'), onPod('Scheduled')],
  [onPod('FailedMount'), onPod('SuccessfulMountVolume')],
  [onPod('FailedAttachVolume'), onPod('SuccessfulAttachVolume')],
  [onPod('Failed', pulling), onPod('Pulled')],
  [onPod('Failed', 'Error: ErrImagePull'), onPod('Pulled')],
  [onPod('BackOff', 'Back-off pulling image "x"'), onPod('Pulled')],
  [onPod('Failed', 'Error: cannot start'), onPod('Started')],
  [onPod('Unhealthy', 'Readiness probe failed'), onPod('Started')],
  [onPod('Unhealthy', 'Readiness probe failed'), onPod('Ready')],
  [
    kube('ops.clusters.c1.namespaces.ns1.replicasets.r1.events', {
      kind: 'ReplicaSet',
      reason: 'FailedCreate',
    }),
    kube('ops.clusters.c1.namespaces.ns1.replicasets.r1.events', {
      kind: 'ReplicaSet',
      reason: 'SuccessfulCreate',
    }),
  ],
]

describe('turnOf() of Kubernetes’ events', () => {
  it.each(
    pairs.map(([trouble, end]) => [JSON.stringify(trouble.data), JSON.stringify(end.data), trouble, end]),
  )('%s is ended by %s', (_, __, trouble, end) => {
    expect(ends(trouble as OpsEvent, end as OpsEvent)).toBe(true)
    expect(ends(end as OpsEvent, trouble as OpsEvent)).toBe(false)
  })

  it('knows the same object on a subject of another observation', () => {
    const alert = { ...onNode('NodeNotReady'), subject: 'ops.clusters.c1.nodes.n1.alerts' }
    expect(ends(alert, onNode('NodeReady'))).toBe(true)
  })

  it.each([
    [
      'of another object',
      onNode('NodeNotReady'),
      { ...onNode('NodeReady'), subject: node.replace('n1', 'n2') },
    ],
    ['of another kind', onNode('NodeNotReady'), kube(node, { kind: 'Pod', reason: 'NodeReady' })],
    ['of another trouble', onNode('NodeNotReady'), onNode('NodeHasNoDiskPressure')],
    ['of another container', onPod('Failed', pulling), onPod('Pulled', '', 'spec.containers{sidecar}')],
    [
      'that is only forgotten',
      onNode('NodeNotReady'),
      kube(node, { kind: 'Node', reason: 'NodeReady', operation: 'DELETED' }),
    ],
    [
      'that a crashing container says every time',
      onPod('BackOff', 'Back-off restarting failed container'),
      onPod('Started'),
    ],
  ])('sees no end in an event %s', (_, trouble, end) => {
    expect(ends(trouble, end)).toBe(false)
  })

  it('tells of a trouble that Kubernetes has deleted no more', () => {
    expect(turnOf(kube(node, { kind: 'Node', reason: 'NodeNotReady', operation: 'DELETED' }))).toBeUndefined()
  })
})

describe('turnOf() of findings and heartbeats', () => {
  const finding = (data: object, run = 'r1'): OpsEvent => ({
    ...kube(`ops.clusters.c1.namespaces.ns1.taskruns.${run}.findings`, {}),
    type: 'TaskRunReport',
    data: { cluster: 'c1', host: 'h1', kind: 'alert-disk-x7k2p', status: 'alerting', ...data },
  })

  it('goes by host and kind, whichever run of the schedule says it', () => {
    expect(ends(finding({}), finding({ kind: 'alert-disk-zz2bw', status: 'normal' }, 'r2'))).toBe(true)
    expect(ends(finding({}), finding({ host: 'h2', status: 'normal' }))).toBe(false)
    expect(ends(finding({}), finding({ kind: 'alert-gpu-x7k2p', status: 'normal' }))).toBe(false)
  })

  it.each(['Host', 'Cluster'])('reads the heart of a %s', type => {
    const beat = (heartStatus: string): OpsEvent => ({
      ...kube('ops.clusters.c1.namespaces.ops-system.hosts.h1.status', { status: { heartStatus } }),
      type,
    })
    expect(ends(beat('Failed'), beat('Successed'))).toBe(true)
    expect(ends(beat('Failed'), beat('successed'))).toBe(true)
    expect(turnOf(beat('Unknown'))).toBeUndefined()
  })

  it.each<[string, Partial<OpsEvent>]>([
    ['of a type without a table', { type: 'constructor' }],
    ['with data that is no object', { data: 'NodeReady' }],
    ['of a type that has none', { type: 'Default' }],
    ['with a reason that is no text', { data: { kind: 'Node', reason: { toString: 'NodeReady' } } }],
  ])('reads nothing in an event %s', (_, more) => {
    expect(turnOf({ ...onNode('NodeReady'), ...more })).toBeUndefined()
  })
})
