import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { provideControlPlane, whyNoControlPlane } from '../infra/local/programs/controlplane.ts'
import { provide } from '../infra/local/provide.ts'
import { startNats, startRedis } from '../infra/local/servers.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the NATS server that all tests share: for what needs no streams of its own. */
    natsUrl: string
    /** URL of the Redis that all tests share: each test keeps to keys of its own. */
    redisUrl: string
  }
}

/** Once before all tests: gets the programs, which takes minutes the first time, and starts what is shared. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // A machine that cannot have the old server learns it from the tests that need it.
  await provide('nats-server-2.9.10').catch(error => console.error(error.message))
  // Once, and not by every file that needs it while its tests are collected.
  if (!whyNoControlPlane({ controllers: true }) || process.env.CI === 'true')
    await provideControlPlane({ controllers: true })
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-'))
  const nats = await startNats({ dir: join(dir, 'nats') })
  const redis = await startRedis({ dir: join(dir, 'redis') })
  project.provide('natsUrl', nats.url)
  project.provide('redisUrl', redis.url)
  return async () => {
    await Promise.all([nats.stop(), redis.stop()])
    await rm(dir, { recursive: true, force: true })
  }
}
