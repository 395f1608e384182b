import { describe, expect, it } from 'vitest'
import type { PlaceReport } from '../../../../functions/cron-taskrun/executor.ts'
import { findingEvent, tellFindings } from '../../../../functions/cron-taskrun/runs/findings.ts'
import { PublishError } from '../../../../shared/adapters/publisher.ts'
import { correlationIdOf, correlationOf } from '../../../../shared/correlation.ts'
import { eventProblem } from '../../../../shared/event.ts'
import type { Stored } from '../../../../shared/objects.ts'

const at = '2026-01-31T12:00:00.000Z'
const run: Stored<'TaskRun'> = {
  kind: 'TaskRun',
  metadata: {
    ...{ name: 'alert-card-x1', namespace: 'ops-system', uid: 'u1', resourceVersion: '1', generation: 1 },
    ...{ creationTimestamp: at, labels: {}, ownerReferences: [] },
    annotations: { 'ops/hops': '2', 'ops/via': 'a b', 'ops/causationid': 'e1', 'ops/correlationid': 'c1' },
  },
  spec: { taskRef: 't', suspend: false, concurrencyPolicy: 'Forbid' },
  status: {},
}
const about = { run, cluster: 'MyCluster', now: new Date(at) }
const found = { ...about, place: 'ip-10.ec2', step: 'look', index: 0 }

describe('findingEvent()', () => {
  it('belongs to its run where nothing caused that, and to a node that it is about', () => {
    const own = { ...found, run: { ...run, metadata: { ...run.metadata, annotations: {} } } }
    const storyOf = (data: Record<string, unknown>) => {
      const made = findingEvent(data, own)
      return 'event' in made ? correlationOf(made.event).correlationid : undefined
    }
    const root = { cluster: 'MyCluster', kind: 'TaskRun', name: 'alert-card-x1', uid: 'u1' }
    expect(storyOf({ status: 'alerting' })).toBe(correlationIdOf(root, Date.parse(at)))
    const node = { cluster: 'MyCluster', kind: 'Node', name: 'ip-10.ec2' }
    expect(storyOf({ subject: 'nodes.ip-10.ec2.findings' })).toBe(correlationIdOf(node, Date.parse(at)))
  })

  it('fills in what the step did not say, and tells where the run comes from', () => {
    const made = findingEvent({ status: 'alerting', value: '3' }, found)
    expect(made).toEqual({
      event: {
        specversion: '1.0',
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        source: 'https://github.com/shaowenchen/ops',
        type: 'TaskRunReport',
        subject: 'ops.clusters.mycluster.namespaces.ops-system.taskruns.alert-card-x1.findings',
        time: at,
        datacontenttype: 'application/json',
        cluster: 'MyCluster',
        ...{ hops: 2, via: 'a b', causationid: 'e1', correlationid: 'c1' },
        data: {
          cluster: 'MyCluster',
          host: 'ip-10.ec2',
          kind: 'alert-card-x1',
          status: 'alerting',
          value: '3',
        },
      },
    })
    expect('event' in made && eventProblem(made.event)).toBeUndefined()
  })

  it('leaves what the step said as it is', () => {
    expect(findingEvent({ host: 'h', kind: 'k', cluster: 'c', type: 'Mine' }, found)).toMatchObject({
      event: { type: 'Mine', data: { host: 'h', kind: 'k', cluster: 'c' } },
    })
  })

  it('has one id for one finding, and another for each other', () => {
    const idOf = (more: object) => {
      const made = findingEvent({}, { ...found, ...more })
      return 'event' in made ? made.event.id : ''
    }
    const ids = [{}, { index: 1 }, { step: 'b' }, { place: 'p' }].map(idOf)
    expect(new Set(ids).size).toBe(4)
    expect(idOf({ now: new Date() })).toBe(ids[0])
  })

  it.each([
    [
      'nodes.ip-10-0-0-1.ec2.internal.findings',
      'ops.clusters.mycluster.nodes.ip-10-0-0-1_ec2_internal.findings',
    ],
    ['hosts.h1.alerts', 'ops.clusters.mycluster.namespaces.ops-system.hosts.h1.alerts'],
    ['ops.clusters.mycluster.findings', 'ops.clusters.mycluster.findings'],
  ])('goes where it says: %s', (subject, expected) => {
    expect(findingEvent({ subject }, found)).toMatchObject({
      event: { subject: expected, data: { kind: 'alert-card-x1' } },
    })
  })

  it.each([
    ['ops.clusters.other.nodes.n1.findings', /cannot be published on/],
    ['pods.p1.events', /cannot be published on/],
    ['hosts..findings', /token \d is empty/],
    [7, /no text/],
  ])('goes nowhere else: %s', (subject, problem) => {
    expect(findingEvent({ subject }, found)).toEqual({ problem: expect.stringMatching(problem) })
  })
})

describe('tellFindings()', () => {
  const places: PlaceReport[] = [
    {
      ...{ place: 'n1', runStatus: 'Successed', startTime: at, completionTime: at },
      steps: [
        {
          ...{ name: 'look', status: 'Successed', output: '', results: {} },
          findings: [{ data: { a: 1 } }, { problem: 'It is no JSON' }],
        },
      ],
    },
  ]

  it('says of one that the bus never takes that it could not be told', async () => {
    const publish = () => Promise.reject(new PublishError('refused', 'It is too large'))
    const [place] = await tellFindings(places, about, publish)
    expect(place?.steps[0]?.findings).toEqual([{ problem: 'It is too large' }, { problem: 'It is no JSON' }])
  })

  it('rejects while the bus is away, since it is to be told later', async () => {
    const publish = () => Promise.reject(new PublishError('unavailable', 'Nobody answers'))
    await expect(tellFindings(places, about, publish)).rejects.toThrow('Nobody answers')
  })

  it('tells very many of them without all being on their way at once', async () => {
    const many = Array.from({ length: 100 }, (_, n) => ({ data: { n } }))
    const hosts = Array.from({ length: 30 }, (_, n): PlaceReport => {
      const steps: PlaceReport['steps'] = [
        { name: 'look', status: 'Successed', output: '', results: {}, findings: many },
      ]
      return { place: `n${n}`, runStatus: 'Successed', startTime: at, completionTime: at, steps }
    })
    let [under, most, all] = [0, 0, 0]
    const publish = async () => {
      most = Math.max(most, ++under)
      all++
      await Promise.resolve()
      under--
    }
    await tellFindings(hosts, about, publish)
    expect(all).toBe(3_000)
    expect(most).toBeLessThanOrEqual(64)
  })
})
