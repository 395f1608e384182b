import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { makeNodes } from '../infra/local/kubernetes/kubectl.ts'
import { openNats } from '../shared/adapters/nats.ts'
import type { OpsEvent } from '../shared/event.ts'
import { openReceiver, startChain } from './chain.ts'
import { hears } from './hears.ts'
import { describeOnKubernetes } from './kubernetes.ts'
import { quiet } from './quiet.ts'

const crds = fileURLToPath(new URL('../infra/crds', import.meta.url))
const namespace = 'ops-system'
const patience = { timeout: 60_000, interval: 100 }

// Pods here print nothing: what they would is posted for them. KWOK_… say how they go, see infra/local/kubernetes.
const objects = (receiver: string) => `
kind: Task
metadata: { name: alert-hosts-card }
spec:
  variables: { KWOK_HANGS: { default: 'yes' } }
  steps: [{ name: count, content: "curl $OPSSERVER_ENDPOINT/api/v1/namespaces/$NAMESPACE/events/hosts.gpu-7.findings" }]
---
kind: EventHooks
metadata: { name: alert-hosts-card }
spec:
  type: webhook
  subject: ops.clusters.*.namespaces.*.hosts.*.findings
  keywords: { matchMode: ALL, include: [alerting, alert-hosts-card] }
  url: ${receiver}/findings
---
kind: Task
metadata: { name: goes-well }
spec: { steps: [{ name: look, content: 'true' }] }
---
kind: Task
metadata: { name: breaks }
spec:
  variables: { KWOK_FAILS: { default: snap-2 } }
  steps: [{ name: look, content: 'true' }, { name: snap, content: exit 7 }]
---
kind: Task
metadata: { name: hangs }
spec:
  variables: { KWOK_HANGS: { default: 'yes' } }
  steps: [{ name: look, content: sleep 1000, timeoutSeconds: 1 }]
---
kind: Pipeline
metadata: { name: remedy }
spec:
  tasks:
    - { name: first, taskRef: goes-well }
    - { name: second, taskRef: breaks }
    - { name: third, taskRef: goes-well }
    - { name: last, taskRef: goes-well, runAlways: true }
`

describeOnKubernetes('on a cluster, with every process,', { controllers: true }, async cluster => {
  const { kubectl } = cluster
  const receiver = await openReceiver()
  const apply = (...items: object[]) =>
    kubectl(
      ['apply', '-f', '-'],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: items.map(item => ({ apiVersion: 'crd.chenshaowen.com/v1', ...item })),
      }),
    )
  const inNamespace = ['-n', namespace]
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['apply', '--server-side', '-f', crds])
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])
  await makeNodes(cluster, 1)
  for (const document of parseAllDocuments(objects(receiver.url))) {
    const { metadata, ...object } = document.toJS()
    await apply({ ...object, metadata: { namespace, ...metadata } })
  }
  const chain = await startChain(cluster, 'current')
  const nats = openNats(chain.nats, 'test', quiet)
  const heard: OpsEvent[] = []
  const orders: string[] = []

  type Status = { runStatus?: string; message?: string; deadline?: string }
  async function statusOf(what: string): Promise<Status> {
    return JSON.parse(await kubectl(['get', ...inNamespace, what, '-o', 'json'])).status ?? {}
  }
  const make = (kind: string, name: string, spec: object) =>
    apply({ kind, metadata: { namespace, name }, spec })
  /** What its status events say, in order. */
  const told = <T>(subject: string, read: (data: Record<string, unknown>) => T): T[] =>
    heard
      .filter(event => event.subject === `ops.clusters.mycluster.namespaces.${namespace}.${subject}.status`)
      .map(({ data }) => read(data as Record<string, unknown>))

  beforeAll(async () => {
    const nc = await nats.opened
    await hears(nc, 'ops.>', message => void heard.push(message.json()))
    await hears(nc, 'runs.>', message => void orders.push(message.subject))
  }, 120_000)
  afterAll(() => nats.close())

  it('a schedule makes one Job, whose finding fires the hook; its token is good as long as it runs', async () => {
    await make('TaskRun', 'alert-hosts-card', { taskRef: 'alert-hosts-card', crontab: '@every 2s' })
    const list = async (kinds: string) =>
      JSON.parse(await kubectl(['get', ...inNamespace, kinds, '-l', 'ops/taskrun-uid', '-o', 'json'])).items
    const secretsMade = () => list('secrets')
    await expect.poll(secretsMade, patience).toHaveLength(1)
    const [{ data, metadata }] = await secretsMade()
    const endpoint = new URL(Buffer.from(data.endpoint, 'base64').toString())
    const authorization = `Basic ${btoa(`${endpoint.username}:${endpoint.password}`)}`
    const kind = metadata.ownerReferences[0].name
    const report = { type: 'TaskRunReport', host: 'gpu-7', kind, status: 'alerting', message: '7 cards of 8' }
    const post = async () =>
      fetch(`${endpoint.origin}/api/v1/namespaces/${namespace}/events/hosts.gpu-7.findings`, {
        ...{ method: 'POST', headers: { authorization }, body: JSON.stringify(report) },
      })
    expect((await post()).status).toBe(200)
    await expect.poll(() => receiver.calls, patience).toHaveLength(1)
    expect(receiver.calls[0]?.body).toContain(kind)
    // Several were due by then, and the first was still running.
    await expect
      .poll(() => orders.filter(order => order.endsWith('.alert-hosts-card.due')).length, patience)
      .toBeGreaterThan(2)
    expect(await list('jobs')).toHaveLength(1)
    expect(receiver.calls).toHaveLength(1)
    await kubectl(['delete', ...inNamespace, 'taskruns/alert-hosts-card'])
    await expect.poll(async () => (await post()).status, patience).toBe(401)
    await expect.poll(() => list('jobs'), patience).toEqual([])
  }, 120_000)

  it('a pipeline tells its story in order', async () => {
    await make('PipelineRun', 'remedy-now', { pipelineRef: 'remedy' })
    await expect
      .poll(() => told('pipelineruns.remedy-now', ({ runStatus }) => runStatus).at(-1), patience)
      .toBe('Failed')
    type Task = { taskName: string; taskRunStatus?: { runStatus?: string } }
    const story = told('pipelineruns.remedy-now', ({ runStatus, pipelineRunStatus }) =>
      [
        runStatus,
        ...(pipelineRunStatus as Task[])
          .filter(({ taskRunStatus }) => taskRunStatus?.runStatus)
          .map(({ taskName, taskRunStatus }) => `${taskName} ${taskRunStatus?.runStatus}`),
      ].join(', '),
    )
    expect([...new Set(story)]).toEqual([
      'Running',
      'Running, first Running',
      'Running, first Successed, second Running',
      'Running, first Successed, second Failed, last Running',
      'Failed, first Successed, second Failed, last Successed',
    ])
    expect(await statusOf('pipelineruns/remedy-now')).toMatchObject({
      message: expect.stringMatching(/^Task "second" is Failed: Step "snap" on "node-1": Exited with 1/),
    })
    for (const [task, end] of [
      ['first', 'Successed'],
      ['second', 'Failed'],
      ['last', 'Successed'],
    ])
      expect(told(`taskruns.remedy-now-${task}`, ({ runStatus }) => runStatus)).toEqual(['Running', end])
    expect(told('taskruns.remedy-now-third', ({ runStatus }) => runStatus)).toEqual([])
  }, 120_000)

  it('a Job that hangs is ended at its deadline, by order of the watcher, with the step named', async () => {
    await make('TaskRun', 'hung', { taskRef: 'hangs' })
    const waits = async () =>
      (await kubectl(['get', ...inNamespace, 'pods', '-o', 'wide'])).includes('Running')
    await expect.poll(waits, patience).toBe(true)
    // It would be a minute until then.
    const status = { deadline: new Date().toISOString() }
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]
    await kubectl(['patch', ...inNamespace, 'taskruns/hung', ...patch])
    await expect
      .poll(() => statusOf('taskruns/hung'), patience)
      .toMatchObject({
        runStatus: 'Failed',
        message: 'It had not ended by its deadline: step "look" on "node-1" was still running',
      })
    expect(orders.filter(order => order.startsWith('runs.ops-system.taskruns.hung.'))).toEqual([
      'runs.ops-system.taskruns.hung.start',
      'runs.ops-system.taskruns.hung.overdue',
    ])
    expect(told('taskruns.hung', ({ runStatus }) => runStatus).at(-1)).toBe('Failed')
  }, 120_000)
})
