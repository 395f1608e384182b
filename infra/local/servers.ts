import type { Child } from './child.ts'
import { embeddedLauncher } from './embedded.ts'
import { type NatsOptions, natsLauncher } from './nats.ts'
import { type PostgresOptions, postgresLauncher } from './postgres.ts'
import { type RedisOptions, redisLauncher } from './redis.ts'

/** A real server of ours on this machine's loopback. It dies with the process that started it. */
export type Server = {
  url: string
  port: number
  /** Of the process that runs now: another one after a restart. */
  readonly pid: number
  /** Signals it, SIGKILL unless told, and waits for its end (not for SIGSTOP and SIGCONT). */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Runs again on the same port and store, killed first where it still runs. Resolves when it answers. */
  restart(): Promise<void>
  /** Ends it politely, and by force after two seconds. */
  stop(grace?: number): Promise<void>
}

/** A NATS server with JetStream; `monitor` is the URL of its HTTP monitor. */
export type NatsServer = Server & { monitor: string }

/** Starts a NATS server with its JetStream store in `dir`; resolves when JetStream answers. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const launch = natsLauncher(options)
  const first = await launch()
  return Object.assign(serve(first, launch), { monitor: first.monitor })
}

/** Starts a Redis that writes nothing to disk; resolves when it answers PING. */
export async function startRedis(options: RedisOptions): Promise<Server> {
  const launch = redisLauncher(options)
  return serve(await launch(), launch)
}

/** Starts a PostgreSQL with its data in `dir`; resolves when it takes connections to the database of the URL. */
export async function startPostgres(options: PostgresOptions): Promise<Server> {
  const launch = postgresLauncher(options)
  return serve(await launch(), launch)
}

/** Starts the embedded database with its data in `dir`, for who can have no PostgreSQL. */
export async function startEmbedded({ dir }: { dir: string }): Promise<Server> {
  const launch = embeddedLauncher({ dir })
  return serve(await launch(), launch)
}

function serve(
  first: { child: Child; url: string; port: number },
  launch: () => Promise<{ child: Child }>,
): Server {
  let { child } = first
  return {
    url: first.url,
    port: first.port,
    get pid() {
      return child.pid
    },
    kill: signal => child.kill(signal),
    stop: grace => child.stop(grace),
    async restart() {
      await child.kill()
      child = (await launch()).child
    },
  }
}
