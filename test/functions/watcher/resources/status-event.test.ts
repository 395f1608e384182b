import { describe, expect, it } from 'vitest'
import { statusEvent } from '../../../../functions/watcher/resources/status-event.ts'
import { correlationOf } from '../../../../shared/correlation.ts'
import { readableText } from '../../../../shared/readable.ts'
import { object } from './objects.ts'

const about = { cluster: 'C1', now: Date.parse('2026-01-01T00:00:00Z') }
const at = '2026-01-01T12:00:00Z'
const node = (runStatus: string) => ({
  runStatus,
  taskRunStep: [{ stepName: 's', stepContent: 'echo a', stepOutput: '1', stepStatus: runStatus }],
})

describe('statusEvent()', () => {
  it('is about the object, at the time of the status, with an id of its version', () => {
    const metadata = {
      managedFields: [{ subresource: 'status', time: at }, { time: '2026-01-01T13:00:00Z' }],
    }
    const event = statusEvent(
      'Host',
      object('ip-1.internal', { metadata, status: { heartStatus: 'Failed' } }),
      about,
    )
    expect(event).toMatchObject({
      type: 'Host',
      subject: 'ops.clusters.c1.namespaces.ops.hosts.ip-1_internal.status',
      time: '2026-01-01T12:00:00.000Z',
      cluster: 'C1',
    })
    const next = statusEvent('Host', object('ip-1.internal', { metadata: { resourceVersion: '2' } }), about)
    expect(next.id).not.toBe(event.id)
    expect(next.time).toBe('2026-01-01T00:00:00.000Z')
  })

  it('says where a run comes from, as its annotations have it', () => {
    const annotations = {
      ...{ 'ops/hops': '3', 'ops/via': 'ops/remedy', 'ops/causationid': 'e1', 'ops/correlationid': 'c1' },
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
    }
    const run = object('r', { metadata: { annotations }, status: { runStatus: 'Running' } })
    const { id, source, subject, time, data, ...rest } = statusEvent('TaskRun', run, about)
    expect(rest).toEqual({
      ...{ specversion: '1.0', type: 'TaskRun', datacontenttype: 'application/json', cluster: 'C1' },
      ...{ hops: 3, via: 'ops/remedy', causationid: 'e1', correlationid: 'c1' },
    })
  })

  it('belongs together with what Kubernetes tells of the object in that hour', () => {
    const run = object('r', { status: { runStatus: 'Running' } })
    const { namespace, name, uid } = run.metadata
    const warning = { kind: 'TaskRun', namespace, name, uid, reason: 'RunSkipped' }
    const { correlationid, ...event } = statusEvent('TaskRun', run, about)
    expect(correlationOf({ ...event, type: 'Kube', data: warning })).toEqual({ correlationid })
  })

  it('tells of a Host or Cluster what hooks match, and no credentials', () => {
    const host = object('h', {
      spec: {
        address: '192.0.2.1',
        port: 22,
        username: 'root',
        password: 'p',
        privateKey: 'k',
        secretRef: 's',
      },
      status: { hostname: 'n', diskUsagePercent: '91%', heartStatus: 'Failed' },
    })
    expect(readableText(statusEvent('Host', host, about))).toBe(
      'cluster: C1 \naddress: 192.0.2.1 \nhostname: n \ndiskUsagePercent: 91% \nheartStatus: Failed \n',
    )
    expect(Object.keys(Object(statusEvent('Host', host, about).data))).toEqual([
      ...['cluster', 'address', 'port', 'username', 'status'],
    ])
    const cluster = object('c', {
      spec: { server: 'https://a', token: 't', config: 'c' },
      status: { version: 'v1.36.0' },
    })
    expect(statusEvent('Cluster', cluster, about).data).toEqual({
      cluster: 'C1',
      server: 'https://a',
      status: { version: 'v1.36.0' },
    })
  })

  it('tells of a TaskRun its nodes as a list', () => {
    const run = object('r', {
      spec: { taskRef: 't', crontab: '@hourly', variables: { a: '1' }, desc: 'd' },
      status: {
        runStatus: 'Failed',
        startTime: at,
        taskrunNodeStatus: { b: node('Failed'), a: node('Successed') },
      },
    })
    expect(statusEvent('TaskRun', run, about).data).toEqual({
      ...{
        cluster: 'C1',
        taskRef: 't',
        desc: 'd',
        variables: { a: '1' },
        runStatus: 'Failed',
        startTime: at,
      },
      taskRunNodeStatus: [
        { nodeName: 'a', ...node('Successed') },
        { nodeName: 'b', ...node('Failed') },
      ],
    })
  })

  it('tells of a PipelineRun its tasks in their order', () => {
    const run = object('r', {
      spec: { pipelineRef: 'p' },
      status: {
        runStatus: 'Running',
        pipelineRunStatus: [
          {
            name: 'one',
            taskRef: 't',
            taskRunStatus: { runStatus: 'Successed', taskrunNodeStatus: { a: node('Successed') } },
          },
          { name: 'two', taskRef: 'u' },
        ],
      },
    })
    expect(statusEvent('PipelineRun', run, about).data).toEqual({
      ...{ cluster: 'C1', pipelineRef: 'p', runStatus: 'Running' },
      pipelineRunStatus: [
        {
          ...{ taskName: 'one', taskRef: 't' },
          taskRunStatus: {
            runStatus: 'Successed',
            taskRunNodeStatus: [{ nodeName: 'a', ...node('Successed') }],
          },
        },
        { taskName: 'two', taskRef: 'u' },
      ],
    })
  })
})
