import { join } from 'node:path'
import { startChild } from './child.ts'
import { ownDatabase } from './database.ts'
import { type Endpoints, writeEndpoints } from './endpoints.ts'
import { keeper } from './keeper.ts'
import { applyFolder, makeWork } from './kubernetes/furnish.ts'
import { clusterKeeper } from './kubernetes/keep.ts'
import { localSettings } from './local.ts'
import { natsLauncher } from './nats.ts'
import { choosePorts } from './ports.ts'
import type { Print } from './printer.ts'
import { environmentOf, type LocalProcess } from './processes.ts'
import { allReady } from './ready.ts'
import { redisLauncher } from './redis.ts'

// What Redis says on every start comes as a warning too.
const redisWarning = / # (?!oO0|Redis version|Configuration loaded|Server initialized|WARNING Memory)/

const postgresWarning = / (WARNING|ERROR|FATAL|PANIC): /

/** What a stack is made of. */
export type StackOptions = {
  /** Top of the repository, from which the doors are given. */
  root: string
  /** Folder of the state. */
  dir: string
  table: LocalProcess[]
  /** A Kubernetes control plane too, with nodes and pods that only say that they run. */
  cluster?: boolean
  env: NodeJS.ProcessEnv
  /** Folder of the user, where a relative `RESOURCES_DIR` starts. */
  cwd: string
  print: Print
  say(line: string): void
}

/** A stack that is coming up or is up; it can be stopped at any time. */
export type Stack = { ready: Promise<Endpoints>; stop(): Promise<void> }

/**
 * NATS, Redis, PostgreSQL, Kubernetes where it is wanted, and every process of the table, each kept running; `endpoints.json`
 * follows them once all are ready.
 */
export function bringUp(options: StackOptions): Stack {
  const { dir, root, table, env, print, say } = options
  const stopping = new AbortController()
  let known: Omit<Endpoints, 'processes'> | undefined

  const changed = () => {
    if (known && !stopping.signal.aborted) writeEndpoints(dir, { ...known, processes: pids() })
  }
  const servers = keeper({ say, changed })
  const ours = keeper({ say, changed })
  const { signal } = stopping
  const kubernetes = options.cluster ? clusterKeeper({ dir, say, line: print, changed, signal }) : undefined
  const pids = () => ({ ...ours.pids, ...servers.pids, ...kubernetes?.pids() })

  async function start(): Promise<Endpoints> {
    // First, since it may have to be built, or cannot be.
    const cluster = await kubernetes?.start()
    signal.throwIfAborted()
    const furnish = cluster && { kubectl: cluster.kubectl, signal, say }
    const at = { ...(await startServers()), ...cluster?.paths }
    const ports = await choosePorts(table, env, say)
    const url = (name: string) => `http://127.0.0.1:${ports[name] ?? 0}`
    const local = localSettings(options, { ...at, url })
    if (furnish) await applyFolder(furnish, { folder: local.resourcesDir, namespace: local.namespace })
    say(`Starting ${table.map(({ name }) => name).join(', ')} …`)
    for (const row of table) {
      const environment = environmentOf(row, { local, port: ports[row.name] ?? 0, base: env })
      await ours.keep(row.name, () => openDoor(row, environment))
    }
    const urls = Object.fromEntries(table.map(({ name }) => [name, url(name)]))
    await allReady(urls, { say, signal })
    if (furnish) await makeWork(furnish)
    const named = table.flatMap(({ name, endpoint }) => (endpoint ? [[endpoint, url(name)]] : []))
    const found = { ...Object.fromEntries(named), ...at, token: local.token }
    known = found
    changed()
    return { ...found, processes: pids() }
  }

  async function startServers(): Promise<{ nats: string; redis: string; postgres: string }> {
    const nats = natsLauncher({ dir: join(dir, 'nats'), line: only(/\[(WRN|ERR|FTL)\]/, 'nats-server') })
    const redis = redisLauncher({ dir: join(dir, 'redis'), line: only(redisWarning, 'redis-server') })
    const [{ url: natsUrl }, { url: redisUrl }, postgresUrl] = await Promise.all([
      servers.keep('nats-server', nats),
      servers.keep('redis-server', redis),
      env.DATABASE_URL || startDatabase(),
    ])
    say(`NATS with JetStream is at ${natsUrl}, Redis at ${redisUrl}`)
    return { nats: natsUrl, redis: redisUrl, postgres: postgresUrl }
  }

  async function startDatabase(): Promise<string> {
    const { what, launch } = await ownDatabase({ dir, env, say, line: only(postgresWarning, 'postgres') })
    const { url } = await servers.keep('postgres', launch)
    say(`${what} is at ${url}`)
    return url
  }

  // They are talkative, and it is not them that one is here to watch.
  const only = (warning: RegExp, name: string) => (line: string) => {
    if (warning.test(line)) print(name, line)
  }

  async function openDoor({ name, door }: LocalProcess, environment: NodeJS.ProcessEnv) {
    const line = (text: string) => print(name, text)
    return { child: await startChild(process.execPath, [join(root, door)], { env: environment, line }) }
  }

  return {
    ready: start(),
    async stop() {
      stopping.abort()
      await ours.stop(2_500)
      await Promise.all([servers.stop(1_000), kubernetes?.stop()])
    },
  }
}
