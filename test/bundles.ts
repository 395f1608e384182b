import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { bundlesIn } from './built.ts'
import { sharedDist } from './dist.ts'
import { ownNats, ownPostgres, ownRedis } from './servers.ts'

/** The shared bundles with servers for this test file or `describe` alone, which have our streams. As `ownNats`. */
export async function ownBundles() {
  const [nats, redis, postgres, dist] = await Promise.all([
    ownNats(),
    ownRedis(),
    ownPostgres(),
    sharedDist(),
  ])
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-bundles-'))
  afterAll(() => rm(dir, { recursive: true, force: true }))
  const at = { dir, nats: nats.url, redis: redis.url, postgres: postgres.url }
  return { ...(await bundlesIn(dist, at)), dir, nats, database: postgres.url }
}
