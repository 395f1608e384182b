import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { type Call, openReceiver, startChain } from './chain.ts'
import { hears } from './hears.ts'
import { natsVersions } from './servers.ts'

// The hooks and calls of the older system's documents, as they stand there but for the host and the token.
const fixtures = join(import.meta.dirname, 'fixtures/hooks')

function hooksTo(url: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-seeds-'))
  for (const file of readdirSync(fixtures)) {
    const text = readFileSync(join(fixtures, file), 'utf8')
    writeFileSync(join(dir, file), text.replace(/https?:\/\/[^/\s]+\//, `${url}/`))
  }
  return dir
}

const kube = (message: string, more: object = {}) => ({ type: 'Kube', reason: 'Something', message, ...more })

/** Documented subscriptions, and whether what is posted below reaches them. */
const subscriptions: [pattern: string, posted: boolean][] = [
  ['ops.>', true],
  ['ops.clusters.*.namespaces.ops-system.>', true],
  ['ops.clusters.*.namespaces.*.hosts.*.status', true],
  ['ops.clusters.*.namespaces.*.taskruns.*.status', true],
  ['ops.clusters.*.namespaces.*.pipelineruns.*.status', true],
  // One token short in the documents: no resource's event has that few.
  ['ops.clusters.*.namespaces.*.*.events', false],
  ['ops.clusters.*.namespaces.*.*.*.events', true],
  ['ops.clusters.*.nodes.*.events', true],
  ['ops.notifications.>', true],
  ['ops.notifications.providers.ksyun.>', true],
  ['ops.notifications.providers.*.channels.webhook.>', true],
  ['ops.notifications.providers.*.channels.*.severities.error', true],
]

describe.each(natsVersions)('on nats-server %s', async version => {
  const receiver = await openReceiver()
  const chain = await startChain(hooksTo(receiver.url), version)
  const nc = await connect({ servers: chain.nats.replace('nats://', '') })
  afterAll(() => nc.close())
  const heard = new Map<string, string[]>()
  for (const [pattern] of subscriptions) {
    nc.subscribe(pattern, {
      callback: (error, msg) => {
        if (!error) heard.set(pattern, [...(heard.get(pattern) ?? []), msg.subject])
      },
    })
  }
  await nc.flush()

  async function post(event: string, body: object, namespace = 'ops-system'): Promise<string> {
    const answer = await fetch(`${chain.ingest}/api/v1/namespaces/${namespace}/events/${event}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${chain.token}` },
      body: JSON.stringify(body),
    })
    const { code, data } = JSON.parse(await answer.text())
    expect({ status: answer.status, code }).toEqual({ status: 200, code: 0 })
    return data.subject
  }

  const taken = (path: string): Call[] => receiver.calls.filter(call => call.path.startsWith(path))
  const arrives = (path: string, count: number) =>
    vi.waitFor(() => expect(taken(path)).toHaveLength(count), { timeout: 60_000, interval: 20 })

  test('the node notice fires for NodeNotReady, and is silent for what it excludes or does not name', async () => {
    await post('nodes.mynode.events', kube('all is well'))
    await post('nodes.cn-beijing.1.events', kube('NodeNotReady in cn-beijing', { name: 'cn-beijing.1' }))
    await post('nodes.mynode.events', kube('Node mynode status is now: NodeNotReady'))
    await arrives('/woa/api/v1/webhook/send', 1)
    const [call] = taken('/woa/api/v1/webhook/send')
    const { msgtype, text } = JSON.parse(call?.body ?? '{}')
    expect(msgtype).toBe('text')
    expect(text.content).toContain('message: Node mynode status is now: NodeNotReady \n')
    expect(text.content).toContain('node: mynode \n')
  })

  test('10005 on a node tells the automation to cordon it', async () => {
    await post('nodes.gpu-1.events', kube('XID error 10005'))
    await arrives('/trigger/action', 1)
    const [call] = taken('/trigger/action')
    expect(JSON.parse(call?.body ?? '{}')).toMatchObject({
      additional: 'action: cordon-node',
      hook: { namespace: 'ops-system', name: 'custom-disable' },
      event: { type: 'Kube', subject: 'ops.clusters.mycluster.nodes.gpu-1.events' },
    })
    expect(call?.headers['webhook-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test("a pod's BackOff becomes the same event on alerts, and that of an API server goes to the agent", async () => {
    const alerts: string[] = []
    await hears(nc, 'ops.clusters.*.namespaces.*.pods.*.alerts', msg => void alerts.push(msg.subject))
    await post('pods.myapp.events', kube('Started container', { reason: 'Started' }), 'mynamespace')
    await post('pods.myapp.events', kube('Back-off restarting', { reason: 'BackOff' }), 'mynamespace')
    await post(
      'pods.kube-apiserver-m1.events',
      kube('Back-off restarting', { reason: 'BackOff' }),
      'kube-system',
    )
    await arrives('/api/push', 1)
    expect(alerts.toSorted()).toEqual([
      'ops.clusters.mycluster.namespaces.kube-system.pods.kube-apiserver-m1.alerts',
      'ops.clusters.mycluster.namespaces.mynamespace.pods.myapp.alerts',
    ])
    const body = JSON.parse(taken('/api/push')[0]?.body ?? '{}')
    expect(body.additional).toBe('clusterpodevents')
    expect(body.event).toMatchObject({
      type: 'Kube',
      hops: 1,
      via: 'ops-system/convert-clusters-pods-events-to-alerts',
    })
  })

  test('every documented call is taken, and every documented subscription that can, sees it', async () => {
    const subjects = [
      await post('ops.notifications.providers.ksyun.channels.webhook.severities.info', {
        provider: 'ksyun',
        channel: 'webhook',
        severity: 'info',
        message: 'Notification message',
        title: 'Notification title',
      }),
      await post('ops.notifications.providers.AI.channels.webhook.severities.error', { message: 'm' }),
      await post('my-custom-event', { message: 'Custom event data', level: 'info' }),
      await post('nodes.mynode.findings', { message: 'Node finding', status: 'normal' }),
      await post('hosts.h1.status', { address: '10.0.0.1' }),
      await post('taskruns.t1.status', { taskRef: 't' }),
      await post('pipelineruns.p1.status', { pipelineRef: 'p' }),
    ]
    expect(subjects).toEqual([
      'ops.notifications.providers.ksyun.channels.webhook.severities.info',
      'ops.notifications.providers.ai.channels.webhook.severities.error',
      'ops.clusters.mycluster.namespaces.ops-system.my-custom-event',
      'ops.clusters.mycluster.nodes.mynode.findings',
      'ops.clusters.mycluster.namespaces.ops-system.hosts.h1.status',
      'ops.clusters.mycluster.namespaces.ops-system.taskruns.t1.status',
      'ops.clusters.mycluster.namespaces.ops-system.pipelineruns.p1.status',
    ])
    await nc.flush()
    const seen = subscriptions.map(([pattern]) => [pattern, (heard.get(pattern)?.length ?? 0) > 0])
    expect(seen).toEqual(subscriptions)
  })

  test('one Idempotency-Key twice is one event and one delivery', async () => {
    const before = taken('/trigger/action').length
    const send = () =>
      fetch(`${chain.ingest}/api/v1/namespaces/ops-system/events/nodes.twice.events`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`ops:${chain.token}`)}`, 'idempotency-key': 'once' },
        body: JSON.stringify({ message: '10005' }),
      }).then(async answer => JSON.parse(await answer.text()).data)
    const [first, second] = [await send(), await send()]
    expect([first.duplicate, second.duplicate, second.id]).toEqual([false, true, first.id])
    await arrives('/trigger/action', before + 1)
    // One that overtakes the second would have arrived behind it.
    await post('nodes.after.events', { message: '10005' })
    await arrives('/trigger/action', before + 2)
    expect(taken('/trigger/action').map(({ body }) => JSON.parse(body).event.subject.split('.')[4])).toEqual([
      'gpu-1',
      'twice',
      'after',
    ])
  })
})
