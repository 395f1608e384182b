import { readFile, rm } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import { writeApps } from './apps.ts'
import { craneCommand } from './crane.ts'
import { imagesOf, targetsOf } from './dockerfile.ts'
import { layersOf, watchdogLayer } from './layers.ts'
import { run, said } from './run.ts'

const help = `npm run image -- <target> … --to <registry/path> [--base <image>] [--watchdog <image>] [--insecure]

The images of infra/images/Dockerfile without a container engine, pushed as <registry/path>/<target>:${packageJson.version}.
It needs crane (go install github.com/google/go-containerregistry/cmd/crane@v0.22.1).`

const root = fileURLToPath(new URL('../..', import.meta.url))
const apps = join(root, 'dist', 'images')
const withWatchdog = /-openfaas$/

const { positionals: names, values } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: 'string' },
    base: { type: 'string' },
    watchdog: { type: 'string' },
    insecure: { type: 'boolean', default: false },
  },
})
if (names.length === 0 || !values.to) refuse(help)

const targets = targetsOf(await readFile(join(root, 'infra', 'images', 'Dockerfile'), 'utf8'), {
  VERSION: packageJson.version,
  REVISION: said('git', ['rev-parse', 'HEAD'], root) || 'unknown',
  CREATED: said('git', ['show', '-s', '--format=%cI', 'HEAD'], root) || '1970-01-01T00:00:00Z',
  ...(values.base && { RUNTIME: values.base }),
  ...(values.watchdog && { WATCHDOG: values.watchdog }),
})
const watchdog = targets.get('watchdog')?.base ?? ''
const images = imagesOf(targets)
const unknown = names.filter(name => !images.has(name))
if (unknown.length > 0)
  refuse(`There is no target ${unknown.join(', ')}: there are ${[...images.keys()].join(', ')}`)

const processor = arch() === 'x64' ? 'amd64' : arch()
const common = ['--platform', `linux/${processor}`, ...(values.insecure ? ['--insecure'] : [])]
await rm(apps, { recursive: true, force: true })
await writeApps(apps)
for (const [name, target] of [...images].filter(([name]) => names.includes(name))) {
  const layers = await layersOf(name.replace(withWatchdog, ''), apps)
  if (withWatchdog.test(name)) layers.push(await watchdogLayer(watchdog, apps, common))
  const image = `${values.to}/${name}:${packageJson.version}`
  run('crane', craneCommand(target, { layers, image, common }))
}

function refuse(why: string): never {
  console.error(why)
  process.exit(1)
}
