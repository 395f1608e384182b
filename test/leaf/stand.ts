import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { jetstream } from '@nats-io/jetstream'
import { startChild } from '../../infra/local/child.ts'
import { localSettings } from '../../infra/local/local.ts'
import { freePorts } from '../../infra/local/ports.ts'
import { environmentOf, processes } from '../../infra/local/processes.ts'
import { allReady } from '../../infra/local/ready.ts'
import { startRedis } from '../../infra/local/servers.ts'
import { managerOf, unasked } from '../../shared/adapters/jetstream.ts'
import { openNats } from '../../shared/adapters/nats.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import { quiet } from '../quiet.ts'
import { startClusters } from './clusters.ts'
import type { Name } from './poster.ts'
import { hooksTo, nameOf, openReceiver } from './receiver.ts'
import type { Version } from './server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const podEvents = 'ops.clusters.*.namespaces.*.pods.*.events'
const names = ['watcher', 'bridge', 'hook-evaluate', 'webhook-deliver']

/** A main cluster with all that judges and delivers, leaf clusters at its side, and a receiver. */
export async function openStand(dir: string, version: Version, clusters: string[]) {
  const [servers, redis, receiver] = await Promise.all([
    startClusters(dir, version, clusters),
    startRedis({ dir: join(dir, 'redis') }),
    openReceiver(),
  ])
  const folder = join(dir, 'hooks')
  mkdirSync(folder)
  writeFileSync(join(folder, 'hooks.yaml'), hooksTo(receiver.url))
  for (const { server } of servers.leaves) {
    const nats = openNats(server.url, 'watcher', quiet)
    await ensureStreams(await nats.opened, 1, quiet, 'leaf')
    await nats.close()
  }

  const table = processes.filter(({ name }) => names.includes(name))
  const ports = await freePorts(table.length)
  const urls = Object.fromEntries(table.map(({ name }, index) => [name, `http://127.0.0.1:${ports[index]}`]))
  const env = { ...process.env, RESOURCES_DIR: folder, EVENT_CLUSTER: 'main' }
  const local = localSettings(
    { root, dir, env, cwd: root },
    // Of those that are not there none is asked for anything.
    { nats: servers.main.url, redis: redis.url, url: name => urls[name] ?? 'http://127.0.0.1:9' },
  )
  const base = { ...process.env, LEAF_CLUSTERS: clusters.join(',') }
  const children = await Promise.all(
    table.map((row, index) => {
      // Last lines come after the end, when the folder may be gone.
      const log = createWriteStream(join(dir, `${row.name}.log`))
      return startChild(process.execPath, [join(root, row.door)], {
        env: environmentOf(row, { local, port: ports[index] ?? 0, base }),
        line: text => void log.write(`${text}\n`),
      })
    }),
  )
  await allReady(urls, { say: () => {}, signal: AbortSignal.timeout(100_000) })
  return {
    ...{ ...servers, receiver },
    /** A page of the bridge's metrics. */
    metrics: async () => (await fetch(`${urls.bridge}/metrics`)).text(),
    /** What lies in the main cluster's stream, in its order. */
    stored: () => storedIn(servers.main.url),
    /** How many events that is. */
    counted: () => countedIn(servers.main.url),
    async stop() {
      await Promise.all(children.map(child => child.stop()))
      await Promise.all([servers.stop(), redis.kill()])
      receiver.stop()
    },
  }
}

/** All of it, as `openStand` has it. */
export type Stand = Awaited<ReturnType<typeof openStand>>

async function countedIn(url: string): Promise<number> {
  const nats = openNats(url, 'test', quiet)
  const jsm = await managerOf(await nats.opened)
  const { state } = await jsm.streams.info('ops', { subjects_filter: podEvents })
  await nats.close()
  return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0)
}

async function storedIn(url: string): Promise<Name[]> {
  const nats = openNats(url, 'test', quiet)
  const consumer = await jetstream(await nats.opened, unasked).consumers.get('ops', {
    filter_subjects: podEvents,
  })
  const found: Name[] = []
  const { num_pending } = await consumer.info()
  if (num_pending > 0)
    for await (const message of await consumer.consume()) {
      found.push(nameOf(message.json<{ data: unknown }>().data))
      if (message.info.pending === 0) break
    }
  await nats.close()
  return found
}
