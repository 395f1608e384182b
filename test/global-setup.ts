import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { provideControlPlane, whyNoControlPlane } from '../infra/local/programs/controlplane.ts'
import { providePostgres } from '../infra/local/programs/postgres.ts'
import { provideSshd } from '../infra/local/programs/sshd.ts'
import { provide } from '../infra/local/provide.ts'
import { startNats, startRedis } from '../infra/local/servers.ts'
import { keepTemplate } from '../infra/local/template.ts'
import { messageOf } from '../shared/log.ts'
import { needs } from './needs.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the NATS server that all tests share: for what needs no streams of its own. */
    natsUrl: string
    /** URL of the Redis that all tests share: each test keeps to keys of its own. */
    redisUrl: string
    /** Where the bundles lie that tests share, once one has asked for them: see `sharedDist`. */
    dist: string
    /** Why the tests run on the embedded database, or empty. */
    noPostgres: string
    /** Why a control plane that could be built could not be had all the same, or empty. */
    noControlPlane: string
    /** Why what tests need could not be had, by its name; what is not in here is there. */
    lacking: Record<string, string>
  }
}

/** Once before all tests: gets the programs, which takes minutes the first time, and starts what is shared. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  // The others are provided with what this one is.
  if (!project.isRootProject()) return undefined
  // A machine that cannot have these learns it from the tests that need them.
  await provide('nats-server-2.9.10').catch(error => console.error(error.message))
  await provideSshd().catch(error => console.error(error.message))
  project.provide('noPostgres', await tryPostgres())
  project.provide('noControlPlane', await tryControlPlane())
  project.provide('lacking', await tryNeeds())
  const dir = await mkdtemp(join(tmpdir(), 'ops-events-'))
  const nats = await startNats({ dir: join(dir, 'nats') })
  const redis = await startRedis({ dir: join(dir, 'redis') })
  project.provide('natsUrl', nats.url)
  project.provide('redisUrl', redis.url)
  const dist = join(dir, 'dist')
  project.provide('dist', dist)
  // While files are watched, what was built is what they were.
  project.onTestsRerun(() => rm(dist, { recursive: true, force: true }))
  return async () => {
    await Promise.all([nats.stop(), redis.stop()])
    await rm(dir, { recursive: true, force: true })
  }
}

async function tryPostgres(): Promise<string> {
  if (process.env.OPS_LOCAL_POSTGRES === 'embedded') return 'OPS_LOCAL_POSTGRES is "embedded"'
  try {
    await keepTemplate(await providePostgres())
    return ''
  } catch (error) {
    const why = messageOf(error)
    console.error(`${why}\nThe tests run on the embedded one`)
    return why
  }
}

// What can be had only by building it is built here, and not by every file that needs it while its tests are collected.
// Having none is an error only in CI.
const strict = process.env.CI === 'true'

async function tryControlPlane(): Promise<string> {
  if (!strict && whyNoControlPlane({ controllers: true })) return ''
  try {
    await provideControlPlane({ controllers: true })
    return ''
  } catch (error) {
    if (strict) throw error
    // There is a Go, and no network, say.
    return messageOf(error)
  }
}

async function tryNeeds(): Promise<Record<string, string>> {
  const lacking: Record<string, string> = {}
  for (const [need, get] of Object.entries(needs)) {
    try {
      await get()
    } catch (error) {
      if (strict) throw error
      lacking[need] = messageOf(error)
    }
  }
  return lacking
}
