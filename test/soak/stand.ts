import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Child, startChild } from '../../infra/local/child.ts'
import { startKubernetes } from '../../infra/local/kubernetes/cluster.ts'
import { kubeconfigText } from '../../infra/local/kubernetes/credentials.ts'
import { localSettings } from '../../infra/local/local.ts'
import { freePorts } from '../../infra/local/ports.ts'
import { environmentOf, processes } from '../../infra/local/processes.ts'
import { allReady } from '../../infra/local/ready.ts'
import { startNats, startRedis } from '../../infra/local/servers.ts'
import { bodyOf } from '../../shared/host.ts'
import { startProxy } from '../proxy.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const Sent = z.object({ event: z.object({ id: z.string(), type: z.string() }) })

/** How long a watch lives, in seconds: less than in production, so that one that is open and dead is soon noticed. */
const watchSeconds = 15

// Two replicas of the watcher, each behind a proxy of its own.
const wanted = ['hook-evaluate', 'webhook-deliver', 'watcher', 'watcher', 'bridge']

export type Stand = Awaited<ReturnType<typeof bringUp>>

/** A cluster, the servers, every process of a Kubernetes event's way and a sink; logs of ours go to `dir`. */
export async function bringUp(dir: string) {
  const folder = (name: string) => {
    mkdirSync(join(dir, name), { recursive: true })
    return join(dir, name)
  }
  const closing: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close().catch(() => {})
  }
  try {
    const cluster = await startKubernetes({ dir: folder('kubernetes'), controllers: true })
    closing.push(cluster.stop)
    const nats = await startNats({ dir: folder('nats') })
    closing.push(nats.stop)
    const redis = await startRedis({ dir: folder('redis') })
    closing.push(redis.stop)
    const proxies = [await startProxy(cluster), await startProxy(cluster)]
    closing.push(() => Promise.all(proxies.map(proxy => proxy.stop())))
    const sink = await openSink()
    closing.push(sink.close)

    writeFileSync(join(folder('hooks'), 'all.yaml'), hookTo(sink.url))
    const watchFile = join(dir, 'watch.yaml')
    writeFileSync(watchFile, `watchSeconds: ${watchSeconds}\n`)
    const ports = await freePorts(wanted.length)
    const rows = wanted.flatMap(wish => processes.find(({ name }) => name === wish) ?? [])
    // Who is not among them is nowhere, and is never asked.
    const url = (name: string) => `http://127.0.0.1:${ports[wanted.indexOf(name)] ?? 0}`
    const env = { ...process.env, RESOURCES_DIR: join(dir, 'hooks'), EVENT_CLUSTER: 'soak' }
    const local = localSettings({ root, dir, env, cwd: dir }, { nats: nats.url, redis: redis.url, url })
    const children: Child[] = []

    /** Starts a process by its place among those wanted, again where it ran before. */
    async function launch(index: number): Promise<void> {
      const row = rows[index]
      if (!row) throw new Error(`There is no process ${index}`)
      const proxy = proxies[wanted.slice(0, index).includes('watcher') ? 1 : 0]
      const kubeconfig = join(dir, `${index}.kubeconfig`)
      const { ca, token } = cluster
      writeFileSync(kubeconfig, kubeconfigText({ url: `https://127.0.0.1:${proxy?.port}`, ca, token }))
      children[index] = await startChild(process.execPath, [join(root, row.door)], {
        env: {
          ...environmentOf(row, { local, port: ports[index] ?? 0, base: process.env }),
          ...(row.name === 'watcher' && { KUBECONFIG: kubeconfig, WATCH_FILE: watchFile }),
          LOG_LEVEL: 'info',
        },
        line: line => writeFileSync(join(dir, `${row.name}-${index}.log`), `${line}\n`, { flag: 'a' }),
      })
    }

    closing.push(() => Promise.all(children.map(child => child.stop())))
    await Promise.all(rows.map((_, index) => launch(index)))
    const urls = Object.fromEntries(rows.map((_, index) => [index, `http://127.0.0.1:${ports[index]}`]))
    await allReady(urls, { say: console.error, signal: AbortSignal.timeout(120_000) })
    const watchers = rows.flatMap(({ name }, index) => (name === 'watcher' ? [index] : []))
    return {
      ...{ cluster, nats, proxies, sink, stop },
      /** The replicas of the watcher. */
      watchers: watchers.map(index => ({
        kill: async () => children[index]?.kill(),
        start: () => launch(index),
      })),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Takes everything, and writes down which event of Kubernetes came when. */
async function openSink() {
  const came: { id: string; at: number }[] = []
  const server = createServer(async (request, response) => {
    const at = Date.now()
    const { event } = Sent.parse(JSON.parse(String(await bodyOf(request, 1024 * 1024))))
    if (event.type === 'Kube') came.push({ id: event.id, at })
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    came,
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
    close: async () => server.close(),
  }
}

const hookTo = (url: string) => `
apiVersion: crd.chenshaowen.com/v1
kind: EventHooks
metadata: { name: all, namespace: ops-system }
spec: { type: webhook, subject: ops.>, url: '${url}' }
`
