import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildAll } from '../infra/build.ts'
import { localSettings } from '../infra/local/local.ts'
import { environmentOf, processes } from '../infra/local/processes.ts'
import { openNats } from '../shared/adapters/nats.ts'
import { ensureStreams } from '../shared/adapters/streams.ts'
import { logOf } from '../shared/log.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Bundles of all processes, built into `dir`, for servers at these URLs, which get our streams. */
export async function bundlesIn(dir: string, at: { nats: string; redis: string; postgres: string }) {
  await Promise.all([buildAll(dir), makeStreams(at.nats)])
  const base = { ...process.env, EVENT_CLUSTER: 'mycluster' }
  const where = { ...at, url: () => 'http://127.0.0.1:1' }
  const local = localSettings({ root, dir, env: base, cwd: root }, where)
  return {
    /** The tokens that they know, and who they are. */
    local,
    /** The file of a bundle, and the environment that it is to listen with. */
    bundleOf(name: string, port = 0) {
      const row = processes.find(process => process.name === name)
      if (!row) throw new Error(`There is no process "${name}"`)
      return { file: join(dir, name, 'index.js'), env: environmentOf(row, { local, port, base }) }
    },
  }
}

// As the bridge does at its start.
async function makeStreams(url: string): Promise<void> {
  const log = logOf('test', 'silent')
  const nats = openNats(url, 'bridge', log)
  await ensureStreams(await nats.opened, 1, log)
  await nats.close()
}
