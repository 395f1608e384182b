import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Child, startChild } from './child.ts'
import { signalFamily } from './family.ts'
import { isRunning } from './lock.ts'
import { freePort } from './ports.ts'
import { providePostgres } from './programs/postgres.ts'
import { whenFree } from './retaken.ts'
import { copyTemplate } from './template.ts'
import { unprivileged } from './unprivileged.ts'
import { until } from './until.ts'

export type PostgresOptions = {
  /** Its data, made where it is missing; what is there already is gone on with. */
  dir: string
  /** A free one unless given. */
  port?: number
  /** Beside ours, or in their place. */
  settings?: Record<string, string>
  /** Takes what it logs. */
  line?: (text: string) => void
  say?: (line: string) => void
}

/** One life of a PostgreSQL; `url` is that of its database `ops`, whose owner is the role `ops`. */
export type Postgres = { child: Child; url: string; port: number }

/**
 * Starts a PostgreSQL and waits until it takes connections.
 * @throws Error with its last lines when it does not come up
 */
async function launchPostgres({ port, ...options }: PostgresOptions): Promise<Postgres> {
  if (port !== undefined) return launch({ ...options, port })
  // It cannot choose a port itself, and the free one may be gone by the time it starts.
  const again = () => freePort().then(free => launch({ ...options, port: free }))
  return again().catch(again)
}

/** Starts one after the other, each with the port and the data of the first. */
export function postgresLauncher(options: PostgresOptions): () => Promise<Postgres> {
  let place: { port?: number } = {}
  return async () => {
    const postgres = await whenFree(() => launchPostgres({ ...options, ...place }))
    place = { port: postgres.port }
    return postgres
  }
}

async function launch(options: PostgresOptions & { port: number }): Promise<Postgres> {
  const { dir, port, line, say } = options
  const files = await providePostgres(say)
  await mkdir(dirname(dir), { recursive: true })
  if (!existsSync(dir)) await copyTemplate(files, dir)
  await forgetDead(dir)
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    // A path in a temporary folder may be too long for one.
    unix_socket_directories: '',
    // Its files go with the data folder, and none are left behind by a kill -9.
    dynamic_shared_memory_type: 'mmap',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    ...options.settings,
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { command, args: all, as } = await unprivileged(join(files.bin, 'postgres'), ['-D', dir, ...args])
  const env = { ...process.env, ...files.env }
  const child = await startChild(command, all, { env, ...as, ...(line && { line }) })
  try {
    await until('postgres to take connections', child, () => takesConnections(dir, child.pid))
    return { child: withFamily(child), port, url: `postgres://ops@127.0.0.1:${port}/ops` }
  } catch (error) {
    await child.kill()
    throw error
  }
}

/** Its children live in sessions of their own, and would go on for a moment, or for as long as it is stopped. */
function withFamily(child: Child): Child {
  let running = true
  void child.exited.then(() => {
    running = false
  })
  const signal = async (name: NodeJS.Signals) => {
    if (running) await signalFamily(child, name)
  }
  return {
    ...child,
    kill: (name = 'SIGKILL') => signal(name),
    async stop(grace) {
      await signal('SIGCONT')
      // Unlike SIGTERM this does not wait for others to close their connections.
      void child.kill('SIGINT')
      await child.stop(grace)
    },
  }
}

// The file's eighth line says how far it is: that is what pg_ctl waits for.
async function takesConnections(dir: string, pid: number): Promise<true | undefined> {
  const lines = (await readFile(join(dir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready' ? true : undefined
}

/** One that was killed leaves its file behind, and somebody else may have its process id by now. */
async function forgetDead(dir: string): Promise<void> {
  const file = join(dir, 'postmaster.pid')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined && !(await isRunning(Number.parseInt(text, 10), dir))) await rm(file)
}
