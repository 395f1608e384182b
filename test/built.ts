import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { localSettings } from '../infra/local/local.ts'
import { environmentOf, processes } from '../infra/local/processes.ts'
import { openNats } from '../shared/adapters/nats.ts'
import { ensureStreams } from '../shared/adapters/streams.ts'
import { logOf } from '../shared/log.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The bundles in `dist` for servers at these URLs, which get our streams; what is kept of secrets lies in `dir`. */
export async function bundlesIn(
  dist: string,
  { dir, ...at }: { dir: string; nats: string; redis: string; postgres: string },
) {
  await makeStreams(at.nats)
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
      return { file: join(dist, name, 'index.js'), env: environmentOf(row, { local, port, base }) }
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
