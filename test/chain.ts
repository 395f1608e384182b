import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { startChild } from '../infra/local/child.ts'
import type { Cluster } from '../infra/local/kubernetes/cluster.ts'
import { localSettings } from '../infra/local/local.ts'
import { freePorts } from '../infra/local/ports.ts'
import { environmentOf, processes } from '../infra/local/processes.ts'
import { allReady } from '../infra/local/ready.ts'
import type { Server } from '../infra/local/servers.ts'
import { bodyOf } from '../shared/host.ts'
import { ownNats, ownRedis } from './servers.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** One request that a receiver got. */
export type Call = { path: string; headers: IncomingHttpHeaders; body: string }

/** A receiver on this machine that takes everything and keeps it, but on "/gone", where nothing is any more. */
export async function openReceiver(): Promise<{ url: string; calls: Call[] }> {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request, 1024 * 1024)
    calls.push({ path: request.url ?? '', headers: request.headers, body: String(body) })
    response.writeHead(request.url === '/gone' ? 410 : 200).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => server.close())
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, calls }
}

/**
 * Every process of the event's way, each from its own door, over servers of this file's own. `resources` is the folder
 * of objects, or a cluster that has them in it; events are stored where there is a `postgres`. Call it outside of tests
 * and hooks, as `ownNats`.
 */
export async function startChain(
  resources: string | Pick<Cluster, 'kubeconfig'>,
  version: 'current' | '2.9.10',
  {
    postgres,
    servers,
    envOf,
  }: {
    postgres?: string
    servers?: { nats: Pick<Server, 'url'>; redis: Pick<Server, 'url'> }
    /** Further variables of one of the processes. */
    envOf?(process: string): Record<string, string>
  } = {},
) {
  const [nats, redis] = servers
    ? [servers.nats, servers.redis]
    : await Promise.all([ownNats(version), ownRedis()])
  const dir = mkdtempSync(join(tmpdir(), 'ops-events-chain-'))
  const left = ['inbox', ...(postgres === undefined ? ['event-store'] : [])]
  const table = processes.filter(({ name }) => !left.includes(name))
  const ports = await freePorts(table.length)
  const urls = Object.fromEntries(table.map(({ name }, index) => [name, `http://127.0.0.1:${ports[index]}`]))
  const [folder, kubeconfig] = typeof resources === 'string' ? [resources] : ['', resources.kubeconfig]
  const env = { ...process.env, RESOURCES_DIR: folder, EVENT_CLUSTER: 'mycluster' }
  const url = (name: string) => urls[name] ?? ''
  const local = localSettings(
    { root, dir, env, cwd: root },
    { nats: nats.url, redis: redis.url, postgres, kubeconfig, url },
  )
  const children = await Promise.all(
    table.map((row, index) =>
      startChild(process.execPath, [join(root, row.door)], {
        env: {
          ...environmentOf(row, { local, port: ports[index] ?? 0, base: process.env }),
          ...envOf?.(row.name),
        },
      }),
    ),
  )
  afterAll(async () => {
    await Promise.all(children.map(child => child.stop()))
    await rm(dir, { recursive: true, force: true })
  })
  await allReady(urls, { say: () => {}, signal: AbortSignal.timeout(100_000) })
  return {
    ...{ ingest: url('subject-ingest'), api: url('ops-api'), token: local.token, nats: nats.url },
    /** Ends one of the processes. */
    async stop(name: string) {
      await children[table.findIndex(row => row.name === name)]?.stop()
    },
  }
}
