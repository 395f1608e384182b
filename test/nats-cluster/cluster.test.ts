import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type Call, openReceiver, startChain } from '../chain.ts'
import { check, type Received } from '../chaos/check.ts'
import { Posted, read } from '../chaos/ledger.ts'
import { post } from '../chaos/poster.ts'
import { ownRedis } from '../servers.ts'
import { ownCluster } from './servers.ts'

const hookTo = (url: string, name: string) => `
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: {name: ${name}, namespace: ops-system}
spec: {type: webhook, subject: ops.clusters.*.nodes.*.events, keywords: {include: [NodeNotReady]}, url: ${url}}
---`

const Delivery = z.object({
  event: z.object({ id: z.string(), data: z.object({ n: z.number() }) }),
  hook: z.object({ name: z.string() }),
})

function receivedOf({ body, headers }: Call): Received {
  const { event, hook } = Delivery.parse(JSON.parse(body))
  return { n: event.data.n, hook: hook.name, webhookId: String(headers['webhook-id']), eventId: event.id }
}

const dir = mkdtempSync(join(tmpdir(), 'ops-events-cluster-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const receiver = await openReceiver()
const hooks = { told: receiver.url, refused: `${receiver.url}/gone` }
writeFileSync(
  join(dir, 'hooks.yaml'),
  Object.entries(hooks)
    .map(([name, url]) => hookTo(url, name))
    .join(''),
)
const [cluster, redis] = await Promise.all([ownCluster(), ownRedis()])
const servers = Object.values(cluster).map(({ url }) => url)
const { ingest, token } = await startChain(dir, 'current', {
  servers: { nats: { url: servers.join() }, redis },
  envOf: () => ({ REPLICAS: '3' }),
})
const nc = await connect({ servers, maxReconnectAttempts: -1 })
afterAll(() => nc.close())
const jsm = await jetstreamManager(nc)

const ledger = join(dir, 'posted.ndjson')
const posted = () => read(ledger, line => Posted.parse(line))
const findings = () => check(posted(), receiver.calls.map(receivedOf), Object.keys(hooks))
async function stored(stream: string, filter: string): Promise<number> {
  const { state } = await jsm.streams.info(stream, { subjects_filter: filter })
  return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0)
}

test('nothing is lost and nothing comes twice when the server that leads "ops" is killed under load and comes back', async () => {
  const events = 1_000
  const posting = post({ ingest, token, ledger, events, rate: 200, patience: 60_000 })
  await expect.poll(() => posted().length).toBeGreaterThan(200)
  const { config, cluster: copies } = await jsm.streams.info('ops')
  expect(config.num_replicas).toBe(3)
  const leader = cluster[copies?.leader ?? '']
  await leader?.kill()
  // The other two have chosen another one by then.
  await expect.poll(() => posted().length, { timeout: 60_000 }).toBeGreaterThan(600)
  await leader?.restart()
  await posting

  await vi.waitFor(() => expect(findings().missing).toEqual([]), { timeout: 60_000, interval: 200 })
  const dead = () => stored('deadletters', 'deadletters.webhook-deliver.>')
  await expect.poll(dead, { timeout: 60_000 }).toBe(events / 2)
  const clean = { repeats: 0, missing: [], invented: [], confused: [] }
  expect(findings()).toMatchObject({ accepted: events, received: events, ...clean })
  expect(await stored('ops', 'ops.clusters.*.nodes.>')).toBe(events)
})
