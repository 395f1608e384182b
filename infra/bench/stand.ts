import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { publishHooks } from '../../shared/adapters/hooks.ts'
import { type Nats, openNats } from '../../shared/adapters/nats.ts'
import { type Publisher, publisherOver } from '../../shared/adapters/publisher.ts'
import { openRedis } from '../../shared/adapters/redis.ts'
import { ensureStreams } from '../../shared/adapters/streams.ts'
import type { HookSet } from '../../shared/hookset.ts'
import { logOf } from '../../shared/log.ts'
import { type Child, startChild } from '../local/child.ts'
import { freePort } from '../local/ports.ts'
import { startNats, startRedis } from '../local/servers.ts'
import { until } from '../local/until.ts'

/** The keys and tokens that the processes of a stand share. */
export const secrets = {
  bridge: randomBytes(16).toString('hex'),
  server: randomBytes(16).toString('hex'),
  seal: randomBytes(32).toString('base64'),
}

const root = fileURLToPath(new URL('../..', import.meta.url))
export const log = logOf('bench', 'error')

/** NATS and Redis of their own, and the processes that a variant is made of. */
export type Stand = {
  nc: NatsConnection
  nats: Nats
  jsm: JetStreamManager
  publisher: Publisher
  natsUrl: string
  redisUrl: string
  dir: string
  /** Every process of the stand by name, and this one as `bench`. */
  pids(): Record<string, number>
  putInForce(set: HookSet): Promise<void>
  /** Starts a process, which belongs to the stand. */
  run(name: string, args: string[], env?: Env): Promise<Child>
  /** Starts a file that prints its URL as its first line. */
  print(name: string, file: string, env?: Env, args?: string[]): Promise<string>
  /** Starts a process of the product by its own door, and waits until it is ready. */
  door(name: string, env?: Env): Promise<{ child: Child; url: string }>
  /** Starts a function under the framework's own command, and waits until that answers. */
  framework(name: string, source: string, signature: 'http' | 'cloudevent', env?: Env): Promise<string>
  close(): Promise<void>
}

type Env = Record<string, string>

/** Where a file of the repository is. */
export const fileOf = (path: string) => join(root, path)

/** Starts the servers, with the product's streams. */
export async function openStand(): Promise<Stand> {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-bench-'))
  const natsServer = await startNats({ dir: join(dir, 'nats') })
  const redisServer = await startRedis({ dir: join(dir, 'redis') })
  const nats = openNats(natsServer.url, 'bench', log)
  const nc = await nats.opened
  await ensureStreams(nc, 1, log)
  const redis = openRedis(redisServer.url, log)
  const processes = new Map<string, Child>()

  const base = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    EVENT_CLUSTER: 'bench',
    EVENT_ENDPOINT: natsServer.url,
    REDIS_URL: redisServer.url,
    BRIDGE_TOKEN: secrets.bridge,
    SERVER_TOKEN: secrets.server,
    HOOK_SEAL_KEY: secrets.seal,
    ALLOW_LOOPBACK_TARGETS: 'true',
    LOG_LEVEL: 'error',
  }

  async function start(
    name: string,
    args: string[],
    env: Env = {},
    line: (text: string) => void = () => {},
  ): Promise<Child> {
    const flags = process.env.BENCH_PROFILES ? ['--cpu-prof', `--cpu-prof-dir=${profilesOf(name)}`] : []
    const child = await startChild(process.execPath, [...flags, ...args], { env: { ...base, ...env }, line })
    processes.set(name, child)
    return child
  }

  return {
    nc,
    nats,
    jsm: await jetstreamManager(nc),
    publisher: publisherOver(nats),
    natsUrl: natsServer.url,
    redisUrl: redisServer.url,
    dir,
    pids: () => ({
      nats: natsServer.pid,
      redis: redisServer.pid,
      ...Object.fromEntries([...processes].map(([name, { pid }]) => [name, pid])),
      bench: process.pid,
    }),
    putInForce: async set => void (await publishHooks(nats, redis, set, log)),
    run: (name, args, env) => start(name, args, env),
    async print(name, file, env, args = []) {
      let first: string | undefined
      const child = await start(name, [fileOf(file), ...args], env, text => {
        first ??= text
      })
      return until(`${name} to say where it listens`, child, async () => first)
    },
    async door(name, env) {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const file = fileOf(`functions/${name}/index.ts`)
      const child = await start(name, [file], { PORT: String(port), ...env })
      await until(`${name} to be ready`, child, () => answers(`${url}/readyz`))
      return { child, url }
    },
    async framework(name, source, signature, env) {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const child = await start(name, [...frameworkArgs(source, name, signature)], {
        PORT: String(port),
        ...env,
      })
      await until(`${name} to answer`, child, () => answers(url, () => true))
      return url
    },
    async close() {
      await Promise.all([...processes.values()].map(child => child.stop(5_000)))
      await Promise.all([nats.close(), redis.close()])
      await Promise.all([natsServer.stop(), redisServer.stop()])
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const profilesOf = (name: string) => join(process.env.BENCH_PROFILES ?? '', name)

/** The functions-framework command with its options. */
export const frameworkArgs = (source: string, target: string, signature: 'http' | 'cloudevent') => [
  fileOf('node_modules/@google-cloud/functions-framework/build/src/main.js'),
  `--source=${fileOf(source)}`,
  `--target=${target}`,
  `--signature-type=${signature}`,
]

/** True once a GET is answered with 2xx, or otherwise as wanted. */
export async function answers(
  url: string,
  wanted: (status: number) => boolean = status => status >= 200 && status < 300,
): Promise<true | undefined> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return wanted(response.status) ? true : undefined
  } catch {
    return undefined
  }
}
