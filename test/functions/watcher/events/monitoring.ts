import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheFolder } from '../../../../infra/local/programs/cache.ts'
import { unpackedFromDebian } from '../../../../infra/local/programs/debian.ts'
import { builtByGo } from '../../../../infra/local/programs/go.ts'

const say = (line: string) => console.error(line)
const any = { env: '', good: () => true, enough: () => true }

/** Paths of the programs that alerts need, or why they are not to be had here. */
export async function monitoring(): Promise<
  { prometheus: string; promtool: string; alertmanager: string } | { because: string }
> {
  const server = await unpackedFromDebian({ ...any, binary: 'prometheus', debian: ['prometheus'] }, say)
  if ('because' in server) return server
  // Debian's one reads its templates from where it has to be installed.
  const version = '0.27.0'
  const built = join(cacheFolder(), 'alertmanager', version, 'alertmanager')
  const go = { module: 'github.com/prometheus/alertmanager/cmd/alertmanager', version }
  const manager = existsSync(built)
    ? { path: built }
    : await builtByGo({ ...any, binary: 'alertmanager', debian: [], go }, say)
  if ('because' in manager) return manager
  return {
    prometheus: server.path,
    promtool: join(dirname(server.path), 'root/usr/bin/promtool'),
    alertmanager: manager.path,
  }
}
