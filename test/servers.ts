import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeEach, inject, onTestFinished } from 'vitest'
import {
  type NatsServer,
  type Server,
  startEmbedded,
  startNats,
  startPostgres,
  startRedis,
} from '../infra/local/servers.ts'

/** URL of the NATS server that all test files share. Its streams are everybody's: take `ownNats` for the product's. */
export const sharedNats = (): string => inject('natsUrl')

/** URL of the Redis that all test files share. */
export const sharedRedis = (): string => inject('redisUrl')

/**
 * A NATS server for this test file or `describe` alone, an empty one; it is there in a tenth of a second and stops
 * after the last test. Call it outside of tests and hooks: `const nats = await ownNats()`.
 */
export async function ownNats(version: 'current' | '2.9.10' = 'current'): Promise<NatsServer> {
  const server = await untilTheEnd(dir => startNats({ dir, version }))
  // Whatever the first try has done to it: the second one finds it running.
  beforeEach(async ({ task }) => {
    if (task.result?.retryCount && !(await answers(server))) await server.restart()
  })
  return server
}

/**
 * A NATS server for one try of a test, an empty one: for what makes its streams anew, and would find in a second try what
 * the first one left. Call it inside of a test.
 */
export async function natsOfTry(version: 'current' | '2.9.10' = 'current'): Promise<NatsServer> {
  return untilTheEnd(dir => startNats({ dir, version }), { whenDone: onTestFinished })
}

/** A Redis for this test file or `describe` alone; as `ownNats`. */
export async function ownRedis(): Promise<Server> {
  return untilTheEnd(dir => startRedis({ dir }))
}

/**
 * A PostgreSQL for this test file or `describe` alone, with an empty database; as `ownNats`. Its role may make further
 * databases. What was written stays there through kill and restart. Where there is no PostgreSQL to be had, and with
 * OPS_LOCAL_POSTGRES=embedded, it is the embedded one.
 */
export async function ownPostgres(): Promise<Server> {
  if (inject('noPostgres')) return untilTheEnd(dir => startEmbedded({ dir: join(dir, 'embedded') }))
  // What was committed lies in the kernel's hands, which a kill of the server leaves alone.
  const small = { shared_buffers: '16MB', max_connections: '40', fsync: 'off', full_page_writes: 'off' }
  return untilTheEnd(dir => startPostgres({ dir: join(dir, 'postgres'), settings: small }), { end: leave })
}

// It gives back its shared memory: not so after a kill -9.
async function leave(server: Server): Promise<void> {
  await server.kill('SIGCONT')
  await server.kill('SIGQUIT')
}

async function answers({ url }: Server): Promise<boolean> {
  const nc = await connect({ servers: url, reconnect: false, timeout: 2_000 }).catch(() => undefined)
  const answer = await nc?.request('$JS.API.INFO', undefined, { timeout: 2_000 }).catch(() => undefined)
  await nc?.close()
  return answer !== undefined
}

/** The two versions that the chain's tests run against: `describe.each(natsVersions)('on %s', …)`. */
export const natsVersions = ['current', '2.9.10'] as const

async function untilTheEnd<T extends Server>(
  start: (dir: string) => Promise<T>,
  {
    // It may have been stopped with SIGSTOP: then only a SIGKILL ends it.
    end = (server: Server) => server.kill(),
    whenDone = afterAll as (end: () => Promise<void>) => void,
  } = {},
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-'))
  const server = await start(dir)
  whenDone(async () => {
    await end(server)
    await rm(dir, { recursive: true, force: true })
  })
  return server
}
