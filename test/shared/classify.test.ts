import { describe, expect, it } from 'vitest'
import { parseRules } from '../../shared/classify/rules.ts'
import { type Classify, classified, classifierOf, classify } from '../../shared/classify.ts'
import type { OpsEvent } from '../../shared/event.ts'
import { isObject } from '../../shared/json.ts'
import { eventsOf, recorded } from '../recordings/read.ts'

const eventWith = (event: Partial<OpsEvent>): OpsEvent => ({
  ...{ specversion: '1.0', id: 'e1', source: 's', type: 'Kube' },
  ...event,
})
const kube = (data: Record<string, unknown>) => eventWith({ data })
const byRules = (yaml: string) => {
  const rules = parseRules(yaml)
  return classifierOf(() => rules)
}

describe('classify()', () => {
  it.each(recorded)('knows the reason of every event of the recording "%s"', story => {
    const events = eventsOf(story).map(event => eventWith({ data: event.data }))
    expect(events.length).toBeGreaterThan(0)
    expect(events.filter(event => !classify(event).because.startsWith('reason '))).toEqual([])
  })

  it.each<[string, Record<string, unknown>]>([
    // Type alone decides nothing.
    ['node critical: reason NodeNotReady', { type: 'Normal', reason: 'NodeNotReady', kind: 'Node' }],
    ['node warning: reason Pod/NodeNotReady', { type: 'Warning', reason: 'NodeNotReady', kind: 'Pod' }],
    ['resource error: reason NodeHasDiskPressure', { type: 'Normal', reason: 'NodeHasDiskPressure' }],
    ['volume warning: reason FailedBinding', { type: 'Normal', reason: 'FailedBinding' }],
    ['task error: reason BackoffLimitExceeded', { reason: 'BackoffLimitExceeded', kind: 'Job' }],
    ['task info: reason CronJob/SuccessfulCreate', { reason: 'SuccessfulCreate', kind: 'CronJob' }],
    ['lifecycle info: reason SuccessfulCreate', { reason: 'SuccessfulCreate', kind: 'ReplicaSet' }],
    // One reason for several things.
    [
      'image warning: reason BackOff, message image',
      { type: 'Normal', reason: 'BackOff', message: 'Back-off pulling image "x"' },
    ],
    [
      'lifecycle warning: reason BackOff',
      {
        reason: 'BackOff',
        message: 'Back-off restarting failed container registry in pod registry-volume-0_a(b)',
      },
    ],
    ['image error: reason Pod/Failed, message image', { reason: 'Failed', message: 'Error: ErrImagePull' }],
    [
      'security error: reason Pod/Failed, message security',
      { reason: 'Failed', message: 'Error: failed to start containerd task "a": permission denied' },
    ],
    [
      'resource error: reason Pod/Failed, message resource',
      { reason: 'Failed', message: 'write /var/lib/x: no space left on device' },
    ],
    ['lifecycle error: reason Pod/Failed', { reason: 'Failed', message: 'Error: whatever' }],
    [
      'resource error: reason FailedCreate, message resource',
      { reason: 'FailedCreate', message: 'pods "a" is forbidden: exceeded quota: pods' },
    ],
    [
      'config error: reason FailedMount, message config',
      { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "a" : configmap "b" not found' },
    ],
    [
      'volume error: reason FailedMount',
      { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "a" : permission denied' },
    ],
    [
      'probe warning: reason Killing, message probe',
      { type: 'Normal', reason: 'Killing', message: 'Container a failed liveness probe, will be restarted' },
    ],
    // Nobody knows the reason: the message, the kind, the type.
    [
      'network warning: message network',
      {
        type: 'Warning',
        reason: 'SyncFailed',
        message: 'dial tcp 10.0.0.1:443: connect: connection refused',
      },
    ],
    [
      'resource error: message resource',
      { type: 'Warning', reason: 'Odd', message: 'the worker ran out of memory' },
    ],
    [
      'resource info: message resource',
      { type: 'Normal', reason: 'Odd', message: 'no longer out of memory' },
    ],
    ['security warning: kind Certificate', { type: 'Warning', reason: 'Odd', kind: 'Certificate' }],
    ['other warning: type Warning', { type: 'Warning', reason: 'Odd', kind: 'Widget', message: 'it is odd' }],
    ['other info: type Kube', { reason: 'constructor', kind: 'toString', type: 'valueOf' }],
  ])('says "%s" of %j', (said, data) => {
    const { category, severity, because } = classify(kube(data))
    expect(`${category} ${severity}: ${because}`).toBe(said)
  })

  it.each<[string, Partial<OpsEvent>]>([
    ['node error: type Host', { type: 'Host', data: { status: { heartStatus: 'Failed' } } }],
    ['node info: type Cluster', { type: 'Cluster', data: { status: { heartStatus: 'Successed' } } }],
    [
      'task error: type TaskRun',
      { type: 'TaskRun', data: { runStatus: 'Failed', message: 'no space left' } },
    ],
    [
      'task warning: type TaskRunReport',
      { type: 'TaskRunReport', data: { status: 'alerting', kind: 'disk' } },
    ],
    ['lifecycle info: type Controller', { type: 'Controller', data: { kind: 'Hosts', status: 'setup' } }],
    ['notification warning: type Digest', { type: 'Digest' }],
    [
      'notification error: its own subject, subject notifications',
      {
        type: 'Default',
        subject: 'ops.notifications.providers.p.channels.c.severities.error',
        data: { message: 'permission denied' },
      },
    ],
    [
      'notification warning: subject alerts',
      {
        type: 'Default',
        subject: 'ops.clusters.c.namespaces.n.streams.ops.alerts',
        data: { message: 'full' },
      },
    ],
    ['other info: type Default', { type: 'Default', subject: 'ops.clusters.c.x.y.logs', data: { a: 1 } }],
    ['other info: type Default', { type: 'Default', data: 'text' }],
    ['other info: type Default', { type: 'Default', data: [{ reason: 'NodeNotReady' }] }],
    ['other info: type Default', { type: 'Default' }],
  ])('says "%s" of %j', (said, event) => {
    const { category, severity, because } = classify(eventWith(event))
    expect(`${category} ${severity}: ${because}`).toBe(said)
  })

  it('takes the word of an event for itself', () => {
    const said = { category: 'billing', severitytext: 'FATAL', data: { reason: 'Scheduled' } }
    expect(classify(eventWith(said))).toEqual({
      category: 'billing',
      severity: 'critical',
      because: 'its own category, its own severitytext',
    })
    expect(classify(eventWith({ ...said, category: 'No Word', severitytext: 'purple' }))).toEqual({
      category: 'scheduling',
      severity: 'info',
      because: 'reason Scheduled',
    })
  })

  it('takes little time of a long message', () => {
    const message = 'error pulling secret "'.repeat(50_000)
    const began = performance.now()
    for (let round = 0; round < 100; round++) classify(kube({ reason: 'Failed', message }))
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

describe('classifierOf()', () => {
  const by = byRules(`
- { reason: [BackOff, Unhealthy], namespace: batch, severity: info }
- { message: '(?i)card \\w+ declined', category: billing }
- { from: karpenter, category: scaling, severity: warning }
`)

  it('asks the rules first, and the table for what they leave open', () => {
    expect(by(kube({ reason: 'BackOff', namespace: 'batch' }))).toEqual({
      category: 'lifecycle',
      severity: 'info',
      because: 'rule in line 2, reason BackOff',
    })
    expect(by(kube({ reason: 'BackOff', namespace: 'shop' }))).toMatchObject({ severity: 'warning' })
    expect(by(kube({ type: 'Warning', message: 'Card visa declined' }))).toMatchObject({
      category: 'billing',
      severity: 'warning',
    })
    expect(by(kube({ reason: 'Odd', from: 'karpenter' }))).toEqual({
      category: 'scaling',
      severity: 'warning',
      because: 'rule in line 4',
    })
  })

  it('takes the first rule that fits, and what an event says of itself before all', () => {
    const both = byRules('- {reason: A, category: one}\n- {reason: A, category: two, severity: critical}')
    expect(both(kube({ reason: 'A' }))).toMatchObject({ category: 'one', severity: 'info' })
    expect(both(kube({ reason: 'A', severity: 'error' }))).toMatchObject({
      category: 'one',
      severity: 'error',
    })
  })
})

describe('an event of the watcher', () => {
  it('says its class, and that of the rules where there are any', () => {
    const lost = (by?: Classify) =>
      eventsOf('node-failure', by).find(({ data }) => isObject(data) && data.reason === 'NodeNotReady')
    const known = { category: 'node', severitytext: 'critical', severitynumber: 21 }
    expect(lost()).toMatchObject(known)
    const ruled = { category: 'our-nodes', severitytext: 'warning', severitynumber: 13 }
    expect(lost(byRules('- {kind: Node, category: our-nodes, severity: warning}'))).toMatchObject(ruled)
  })
})

describe('classified()', () => {
  it.each<[Partial<OpsEvent>, object]>([
    [{}, { category: 'image', severitytext: 'error', severitynumber: 17 }],
    [{ category: 'billing' }, { category: 'billing', severitytext: 'error', severitynumber: 17 }],
    [{ severitytext: 'WARN2' }, { category: 'image', severitytext: 'WARN2', severitynumber: 13 }],
    [{ severitynumber: 22 }, { category: 'image', severitytext: 'critical', severitynumber: 22 }],
    [{ severitynumber: '14' }, { category: 'image', severitytext: 'warning', severitynumber: 14 }],
    [
      { severitytext: 'info', severitynumber: 21 },
      { severitytext: 'info', severitynumber: 9 },
    ],
    [
      { severitytext: 'purple', severitynumber: 99 },
      { severitytext: 'error', severitynumber: 17 },
    ],
    [
      { category: 'Ü', severitytext: true },
      { category: 'image', severitytext: 'error', severitynumber: 17 },
    ],
  ])('keeps of %j what is well-formed', (said, expected) => {
    const data = { reason: 'InspectFailed', type: 'Warning' }
    expect(classified(eventWith({ ...said, data }))).toMatchObject({ data, ...expected })
  })
})
