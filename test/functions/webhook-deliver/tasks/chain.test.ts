import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { objectsInKv } from '../../../../shared/adapters/objects/kv.ts'
import { startChain } from '../../../chain.ts'
import { quiet } from '../../../quiet.ts'

const group = 'crd.chenshaowen.com/v1'
const hook = (name: string, subject: string) => ({
  ...{ apiVersion: group, kind: 'EventHooks', metadata: { name, namespace: 'ops' } },
  spec: {
    ...{ type: 'task', subject },
    options: { taskRef: 'remedy', 'variables.node': '{{data.node}}', desc: 'for {{type}}' },
  },
})
const task = {
  ...{ apiVersion: group, kind: 'Task', metadata: { name: 'remedy', namespace: 'ops' } },
  spec: { variables: { node: {} }, steps: [{ name: 'say', content: `echo "node is <\${node}>"` }] },
}
const files = {
  'remedy.json': task,
  'lost.json': hook('lost', 'ops.clusters.*.nodes.*.findings'),
  // What it starts has a status as well, on which it does not start again.
  'again.json': hook('again', 'ops.clusters.*.namespaces.*.taskruns.*.status'),
}

const dir = mkdtempSync(join(tmpdir(), 'ops-events-task-'))
for (const [name, resource] of Object.entries(files)) writeFileSync(join(dir, name), JSON.stringify(resource))
const chain = await startChain(dir, 'current')
const nats = openNats(chain.nats, 'test', quiet)
const objects = objectsInKv(nats, { now: Date.now })
afterAll(async () => {
  await nats.close()
  rmSync(dir, { recursive: true, force: true })
})

it('an event starts its remedy, and what comes of that goes round no more than once', async () => {
  const node = `w-1'; touch /tmp/x; echo "$(id)`
  const post = async (key: string) => {
    const headers = {
      ...{ authorization: `Bearer ${chain.token}`, 'content-type': 'application/json' },
      'idempotency-key': key,
    }
    const body = JSON.stringify({ type: 'TaskRunReport', node, status: 'alerting' })
    const url = `${chain.ingest}/api/v1/namespaces/ops/events/nodes.w-1.findings`
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200)
  }
  const runs = async () =>
    (await objects.list('TaskRun', { namespace: 'ops' })).map(run => ({
      hook: run.metadata.labels['ops/hook'],
      via: run.metadata.annotations['ops/via'],
      hops: run.metadata.annotations['ops/hops'],
      status: run.status.runStatus,
    }))
  const byHops = async () => (await runs()).sort((a, b) => Number(a.hops) - Number(b.hops))
  const patient = { timeout: 60_000, interval: 200 }
  const lost = { hook: 'lost', via: 'ops/lost', hops: '1', status: 'Successed' }
  const again = { hook: 'again', via: 'ops/lost ops/again', hops: '2', status: 'Successed' }

  await post('one')
  await post('one')
  // The first has two events, of its start and of its end, and both start one of the other hook.
  await expect.poll(byHops, patient).toEqual([lost, again, again])
  // What those would start would be there before this is over.
  await post('two')
  await expect.poll(byHops, patient).toEqual([lost, lost, again, again, again, again])
  const [first] = await objects.list('TaskRun', { namespace: 'ops', labels: { 'ops/hook': 'lost' } })
  expect(first?.spec).toMatchObject({ taskRef: 'remedy', variables: { node } })
  const [place] = Object.values(first?.status.taskrunNodeStatus ?? {})
  expect(place?.taskRunStep?.[0]?.stepOutput).toContain(`node is <${node}>`)
}, 150_000)
