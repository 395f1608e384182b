import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { z } from 'zod'
import { type Child, startChild } from './child.ts'
import { freePorts } from './ports.ts'
import { provide } from './provide.ts'
import { whenFree } from './retaken.ts'
import { until } from './until.ts'

/** Where a NATS server listens. */
export type NatsPlace = { port: number; monitorPort: number }

export type NatsOptions = {
  /** Folder of the store, made where it is missing. */
  dir: string
  version?: 'current' | '2.9.10'
  /** A free one unless given. */
  port?: number
  monitorPort?: number
  /** A file in that folder with further configuration, such as who may do what. */
  include?: string
  /** Takes what it logs. */
  line?: (text: string) => void
}

/** One life of a NATS server. */
export type Nats = NatsPlace & { child: Child; url: string; monitor: string }

/**
 * Starts nats-server and waits until JetStream answers.
 * @throws Error with its last lines when it does not come up
 */
export async function launchNats(options: NatsOptions): Promise<Nats> {
  const { dir, version = 'current', line } = options
  const { path } = await provide(version === 'current' ? 'nats-server' : 'nats-server-2.9.10')
  await mkdir(dir, { recursive: true })
  await forgetPorts(dir)
  const config = join(dir, 'nats.conf')
  await writeFile(config, natsConfig(options))
  const child = await startChild(path, ['-c', config], line ? { line } : {})
  try {
    const ports = await until('nats-server to say where it listens', child, () => portsFile(dir, child.pid))
    // Who has users answers to them only.
    const answers = () => (options.include ? isHealthy(ports.monitor) : jetStreamAnswers(ports.nats))
    await until('JetStream to answer', child, answers)
    return {
      child,
      url: ports.nats,
      port: Number(new URL(ports.nats).port),
      monitor: ports.monitor,
      monitorPort: Number(new URL(ports.monitor).port),
    }
  } catch (error) {
    await child.kill()
    throw error
  }
}

/** Starts one after the other, each with the port and the store of the first. */
export function natsLauncher(options: NatsOptions): () => Promise<Nats> {
  let place: NatsPlace | undefined
  const first = async () => {
    // One that the server chooses may be anybody's while it is away.
    const [port = 0, monitorPort = 0] = await freePorts(2)
    return launchNats({ port, monitorPort, ...options })
  }
  return async () => {
    const nats = place
      ? await whenFree(() => launchNats({ ...options, ...place }))
      : await first().catch(first)
    place = { port: nats.port, monitorPort: nats.monitorPort }
    return nats
  }
}

/** The configuration file; port -1 lets the server choose and write down which one it got. */
export function natsConfig({ dir, port = -1, monitorPort = -1, include }: NatsOptions): string {
  return `${include === undefined ? '' : `include ${JSON.stringify(include)}\n`}host: "127.0.0.1"
port: ${port}
http: "127.0.0.1:${monitorPort}"
ports_file_dir: ${JSON.stringify(dir)}
max_payload: 1MB
jetstream {
  store_dir: ${JSON.stringify(dir)}
  max_memory_store: 256MB
  max_file_store: 16GB
}
`
}

const Ports = z.object({ nats: z.tuple([z.string()]), monitoring: z.tuple([z.string()]) })

async function portsFile(dir: string, pid: number) {
  const name = (await readdir(dir)).find(file => file.endsWith(`_${pid}.ports`))
  if (!name) return undefined
  const text = await readFile(join(dir, name), 'utf8')
  // It is there before it is written.
  if (!text.endsWith('}')) return undefined
  const ports = Ports.parse(JSON.parse(text))
  return { nats: ports.nats[0], monitor: ports.monitoring[0] }
}

/** One that was killed leaves its file behind, and the next may get its process id. */
async function forgetPorts(dir: string): Promise<void> {
  const left = (await readdir(dir)).filter(file => file.endsWith('.ports'))
  await Promise.all(left.map(file => rm(join(dir, file), { force: true })))
}

async function jetStreamAnswers(url: string): Promise<true | undefined> {
  const connection = await connect({ servers: url, reconnect: false, timeout: 1_000 }).catch(() => undefined)
  if (!connection) return undefined
  try {
    const answer = await connection.request('$JS.API.INFO', undefined, { timeout: 1_000 })
    return 'error' in answer.json<object>() ? undefined : true
  } catch {
    return undefined
  } finally {
    await connection.close()
  }
}

async function isHealthy(monitor: string): Promise<true | undefined> {
  const answer = await fetch(`${monitor}/healthz`).catch(() => undefined)
  return answer?.ok ? true : undefined
}
