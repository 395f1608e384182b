import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { bundlesIn } from './built.ts'
import { ownNats, ownPostgres, ownRedis } from './servers.ts'

/** Bundles of all processes, and servers for this test file or `describe` alone, with our streams. As `ownNats`. */
export async function ownBundles() {
  const [nats, redis, postgres] = await Promise.all([ownNats(), ownRedis(), ownPostgres()])
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-bundles-'))
  afterAll(() => rm(dir, { recursive: true, force: true }))
  const at = { nats: nats.url, redis: redis.url, postgres: postgres.url }
  return { ...(await bundlesIn(dir, at)), dir, nats, database: postgres.url }
}
