import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { kubeconfigText } from '../../../infra/local/kubernetes/credentials.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { putSilences } from '../../../shared/adapters/silences.ts'
import { SilenceSpec } from '../../../shared/silence.ts'
import { describeOnKubernetes } from '../../kubernetes.ts'
import { quiet } from '../../quiet.ts'
import { ownNats, sharedRedis } from '../../servers.ts'
import { openApi, openBus } from './rig.ts'

const Run = z.object({ metadata: z.object({ name: z.string(), uid: z.string() }) })
const path = (name: string) => fileURLToPath(new URL(`../../../infra/${name}`, import.meta.url))

describeOnKubernetes('ops-api with a cluster, by its service account,', {}, async cluster => {
  const { kubectl } = cluster
  const server = await ownNats()
  await openBus(server.url)
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-api-'))
  const kubeconfig = join(dir, 'kubeconfig')
  const api = await openApi({ nats: server.url, redis: sharedRedis() }, { env: { KUBECONFIG: kubeconfig } })
  const nats = openNats(server.url, 'test', quiet)
  const until = new Date(Date.now() + 3_600_000).toISOString()

  const objectOf = async (name: string) =>
    JSON.parse(await kubectl(['get', '-n', 'ops-system', `silences/${name}`, '-o', 'json']))
  /** What the watcher does with what it sees in the cluster. */
  async function seen(...names: string[]): Promise<void> {
    const silences = names.map(async name => {
      const spec = SilenceSpec.parse((await objectOf(name)).spec)
      return { id: `ops-system/${name}`, namespace: 'ops-system', name, spec }
    })
    await putSilences(nats, await Promise.all(silences))
  }

  beforeAll(async () => {
    await nats.opened
    await kubectl(['create', 'namespace', 'ops-system'])
    await kubectl(['apply', '-k', path('kubernetes/functions-rbac')])
    await kubectl(['apply', '--server-side', '-f', path('crds')])
    await kubectl(['wait', '--for=condition=Established', '--timeout=120s', 'crd', '--all'])
  })
  afterAll(async () => {
    await nats.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('opens it with the first question only, and says when it cannot', async () => {
    expect((await api.ask('GET', '/silences')).status).toBe(200)
    expect((await api.ask('POST', '/silences', { body: { until } })).status).toBe(503)
    const token = (await kubectl(['create', 'token', '-n', 'ops-system', 'ops-api'])).trim()
    writeFileSync(kubeconfig, kubeconfigText({ url: cluster.url, ca: cluster.ca, token }))
  })

  it('makes silences as resources, changes, ends and removes them', async () => {
    const made = await api.ask('POST', '/silences', { body: { name: 'night', until, comment: 'moving' } })
    expect(made).toMatchObject({ status: 201, data: { id: 'ops-system/night', from: 'resource' } })
    expect((await objectOf('night')).spec).toMatchObject({ comment: 'moving', author: 'default', until })
    expect(await api.ask('POST', '/silences', { body: { name: 'night', until } })).toMatchObject({
      status: 409,
      message: expect.stringContaining('already exists'),
    })

    await seen('night')
    const body = { until, subject: 'ops.a.>' }
    expect((await api.ask('PUT', '/silences/ops-system/night', { body })).status).toBe(200)
    expect((await objectOf('night')).spec).toMatchObject({ subject: 'ops.a.>', comment: '' })

    await seen('night')
    expect(await api.ask('DELETE', '/silences/ops-system/night')).toMatchObject({
      status: 200,
      data: { state: 'expired' },
    })
    expect(Date.parse((await objectOf('night')).spec.until)).toBeLessThanOrEqual(Date.now())

    await seen('night')
    expect((await api.ask('DELETE', '/silences/ops-system/night')).status).toBe(200)
    await expect(objectOf('night')).rejects.toThrow(/not found/i)
  })

  it('hands on what the API server says', async () => {
    expect(await api.ask('POST', '/silences', { body: { namespace: 'nowhere', until } })).toMatchObject({
      status: 404,
      message: expect.stringMatching(
        /^The API server did not take silence "nowhere\/.*namespaces "nowhere" not found/,
      ),
    })
  })

  it('makes runs of what is there, and shows how they stand', async () => {
    const task = (name: string, namespace: string) => ({
      ...{ apiVersion: 'crd.chenshaowen.com/v1', kind: 'Task', metadata: { name, namespace } },
      spec: { steps: [{ content: 'true' }] },
    })
    await kubectl(['apply', '-f', '-'], JSON.stringify(task('check-disk', 'ops-system')))
    const runs = '/namespaces/ops-system/taskruns'
    const asked = () =>
      api.ask('POST', runs, {
        body: { taskRef: 'check-disk', variables: { path: '/' } },
        as: Run,
        key: 'once',
      })
    const made = await asked()
    expect(made.status).toBe(200)
    const { name, uid } = made.data.metadata
    expect((await asked()).data.metadata.uid).toBe(uid)
    const object = JSON.parse(await kubectl(['get', '-n', 'ops-system', `taskruns/${name}`, '-o', 'json']))
    expect(object).toMatchObject({
      metadata: { uid, labels: { 'ops/taskref': 'check-disk' }, annotations: { 'ops/askedby': 'default' } },
      spec: { taskRef: 'check-disk', variables: { path: '/' } },
    })
    const status = { runStatus: 'Failed', message: 'Step "look" failed' }
    await kubectl([
      ...['patch', '-n', 'ops-system', `taskruns/${name}`, '--subresource=status', '--type=merge'],
      ...['-p', JSON.stringify({ status })],
    ])
    expect((await api.ask('GET', `${runs}/${name}`)).data).toMatchObject({ kind: 'TaskRun', status })
    expect((await api.ask('GET', `${runs}?status=Failed`)).data).toMatchObject({
      total: 1,
      list: [{ status }],
    })
    expect((await api.ask('GET', '/namespaces/nowhere/pipelineruns')).data).toMatchObject({ total: 0 })
    expect(await api.ask('POST', runs, { body: { taskRef: 'check-dsk' } })).toMatchObject({
      status: 404,
      message: 'There is no Task "check-dsk" in namespace "ops-system": did you mean "check-disk"?',
    })
  })
})
