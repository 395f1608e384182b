import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, inject } from 'vitest'
import { type NatsServer, type Server, startNats, startRedis } from '../infra/local/servers.ts'

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
  // Under load 2.9.10 was seen to answer nothing any more while streams are made: a second try begins with it anew.
  if (version === '2.9.10')
    beforeEach(async ({ task }) => {
      if (task.result?.retryCount) await server.restart()
    })
  return server
}

/** A Redis for this test file or `describe` alone; as `ownNats`. */
export async function ownRedis(): Promise<Server> {
  return untilTheEnd(dir => startRedis({ dir }))
}

/** The two versions that the chain's tests run against: `describe.each(natsVersions)('on %s', …)`. */
export const natsVersions = ['current', '2.9.10'] as const

async function untilTheEnd<T extends Server>(start: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-'))
  const server = await start(dir)
  afterAll(async () => {
    // It may have been stopped with SIGSTOP: then only this ends it.
    await server.kill()
    await rm(dir, { recursive: true, force: true })
  })
  return server
}
