import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { installed, type Process } from '../../../infra/install/secrets.ts'
import { eventsIn } from '../../../infra/ops/event-stream.ts'
import { run } from '../../../infra/ops/run.ts'
import { openReceiver, startChain } from '../../chain.ts'
import { natsVersions } from '../../servers.ts'
import { environmentIn, natsWithUsers, postgresWithRoles, redisWithUsers, someSecrets } from './servers.ts'

const Page = z.object({ data: z.object({ list: z.array(z.unknown()) }) })
const tasks = fileURLToPath(new URL('../../../infra/examples/tasks.yaml', import.meta.url))
const isProcess = (name: string): name is Process => name in installed

describe.each(natsVersions)('every process with its own users, and nats-server %s,', async version => {
  const secrets = someSecrets()
  const [nats, redis, postgres] = await Promise.all([
    natsWithUsers(version, secrets),
    redisWithUsers(secrets),
    postgresWithRoles(secrets),
  ])
  const receiver = await openReceiver()
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-rights-chain-'))
  afterAll(() => rmSync(dir, { recursive: true, force: true }))
  writeFileSync(join(dir, 'hooks.yaml'), hooks(receiver.url))
  copyFileSync(tasks, join(dir, 'tasks.yaml'))
  const at = { nats: nats.url, redis: redis.url, postgres: postgres?.url ?? 'postgres://none' }
  const chain = await startChain(dir, version, {
    servers: { nats, redis },
    ...(postgres && { postgres: postgres.url }),
    envOf: name => (isProcess(name) ? environmentIn(secrets, name, at) : {}),
  })
  const headers = { authorization: `Bearer ${chain.token}`, 'content-type': 'application/json' }
  const send = (path: string, body: object, method = 'POST') =>
    fetch(path, { method, headers, body: JSON.stringify(body) })
  const listed = async (path: string) =>
    Page.parse(await (await fetch(`${chain.api}/api/v1/${path}`, { headers })).json()).data.list

  it('brings an event from a POST to a webhook, and keeps it', async () => {
    for (const message of ['down', 'down again']) {
      const sent = await send(`${chain.ingest}/api/v1/namespaces/shop/events/pods.p.events`, { message })
      expect(sent.status).toBe(200)
    }
    await expect.poll(() => receiver.calls.map(({ path }) => path), { timeout: 30_000 }).toContain('/in')
    if (postgres)
      await expect
        .poll(async () => (await listed('query?namespace=shop')).length, { timeout: 30_000 })
        .toBeGreaterThan(0)
  })

  it('keeps what cannot be delivered, and sends it again', async () => {
    const letters = async () => (await listed('deadletters?hook=shop/refused')).length
    await expect.poll(letters, { timeout: 30_000 }).toBe(2)
    const replayed = await send(`${chain.api}/api/v1/deadletters/replay`, { hook: 'shop/refused' })
    expect(replayed.status).toBe(200)
    await expect.poll(letters, { timeout: 30_000 }).toBe(4)
  })

  it('silences, and shows hooks with what they came to', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const silence = { namespace: 'shop', name: 'quiet', subject: 'ops.clusters.*.namespaces.shop.>', until }
    expect((await send(`${chain.api}/api/v1/silences`, silence)).status).toBe(201)
    expect(await listed('namespaces/shop/eventhooks')).toHaveLength(3)
    expect((await fetch(`${chain.api}/api/v1/silences/shop/quiet`, { method: 'DELETE', headers })).ok).toBe(
      true,
    )
  })

  it('runs a Task, tells what it finds, and answers that with another', async () => {
    const ops = async (...args: string[]) => {
      const lines: string[] = []
      const print = (text: string) => void lines.push(text)
      const env = { OPS_API: chain.api, OPS_TOKEN: chain.token }
      await run(args, { env, local: undefined, now: Date.now(), print, warn: print })
      return lines.join('\n')
    }
    expect(await ops('run', 'task', 'check-disk', '--var', 'threshold=0', '--wait')).toContain('alerting')
    await expect.poll(() => ops('runs', '--search', 'free-space'), { timeout: 30_000 }).toContain('Successed')
  })

  it('shows events as they come', async () => {
    const tail = await fetch(`${chain.api}/api/v1/tail?namespace=shop`, { headers })
    await send(`${chain.ingest}/api/v1/namespaces/shop/events/pods.q.events`, { message: 'followed' })
    const seen: (string | undefined)[] = []
    for await (const { data } of eventsIn(tail.body ?? new ReadableStream())) {
      seen.push(data)
      if (data?.includes('followed')) break
    }
    expect(seen).toContainEqual(expect.stringContaining('followed'))
  })

  it('is refused nothing that it asks for', async () => {
    expect(nats.complaints).toEqual([])
    const admin = new Redis(redis.admin)
    expect(await admin.call('ACL', 'LOG')).toEqual([])
    admin.disconnect()
  })
})

const hooks = (url: string) => `apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: { name: told, namespace: shop }
spec:
  type: webhook
  subject: ops.clusters.*.namespaces.shop.>
  url: ${url}/in
  dedup: { window: 10m }
  threshold: { count: 2, window: 5m }
---
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: { name: refused, namespace: shop }
spec: { type: webhook, subject: "ops.clusters.*.namespaces.shop.pods.*.events", url: "${url}/gone" }
---
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: { name: echoed, namespace: shop }
spec: { type: event, subject: "ops.clusters.*.namespaces.shop.pods.*.events", url: alerts }
`
