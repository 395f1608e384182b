import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import { writeApps } from './apps.ts'
import { craneCommands } from './crane.ts'
import { targetsOf } from './dockerfile.ts'
import { layerOf } from './layer.ts'

const help = `npm run image -- <target> … --to <registry/path> [--base <image>] [--watchdog <image>] [--insecure]

The images of infra/images/Dockerfile without a container engine, pushed as <registry/path>/<target>:${packageJson.version}.
It needs crane (go install github.com/google/go-containerregistry/cmd/crane@v0.22.1).`

const root = fileURLToPath(new URL('../..', import.meta.url))
const out = join(root, 'dist', 'images')
const front = /-openfaas$/

const { positionals: names, values } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: 'string' },
    base: { type: 'string' },
    watchdog: { type: 'string' },
    insecure: { type: 'boolean', default: false },
  },
})
if (names.length === 0 || !values.to) {
  console.error(help)
  process.exit(1)
}

const common = [
  '--platform',
  `linux/${arch() === 'x64' ? 'amd64' : arch()}`,
  ...(values.insecure ? ['--insecure'] : []),
]
const targets = targetsOf(await readFile(join(root, 'infra', 'images', 'Dockerfile'), 'utf8'), {
  VERSION: packageJson.version,
  REVISION: said('git', ['rev-parse', 'HEAD']) || 'unknown',
  CREATED: said('git', ['show', '-s', '--format=%cI', 'HEAD']) || '1970-01-01T00:00:00Z',
  ...(values.base && { RUNTIME: values.base }),
  ...(values.watchdog && { WATCHDOG: values.watchdog }),
})

await rm(out, { recursive: true, force: true })
await writeApps(out)
for (const name of names) {
  const target = targets.get(name)
  if (!target) throw new Error(`There is no target "${name}" in infra/images/Dockerfile`)
  const plain = name.replace(front, '')
  // In this order: the cache's folder comes to lie in the other's.
  const layers = [await appLayer(plain), await cacheLayer(plain)]
  if (front.test(name)) layers.push(await watchdogLayer(targets.get('watchdog')?.base ?? ''))
  const image = `${values.to}/${name}:${packageJson.version}`
  for (const command of craneCommands(target, { layers, image, common })) run('crane', command)
}

async function appLayer(name: string): Promise<string> {
  await rm(join(out, name, '.cache'), { recursive: true, force: true })
  return written(`${name}.tar`, await layerOf(join(out, name), 'app'))
}

/** It counts where the base has this very Node, and is passed over elsewhere. */
async function cacheLayer(name: string): Promise<string> {
  const cache = join(out, name, '.cache')
  run(process.execPath, [join(root, 'infra', 'warm.ts'), join(out, name), cache])
  return written(`${name}.cache.tar`, await layerOf(cache, 'app/.cache'))
}

async function watchdogLayer(image: string): Promise<string> {
  const folder = join(out, 'watchdog')
  await mkdir(folder, { recursive: true })
  run('crane', ['export', ...common, image, `${folder}.all.tar`])
  run('tar', ['-xf', `${folder}.all.tar`, '-C', folder, 'fwatchdog'])
  await chmod(join(folder, 'fwatchdog'), 0o755)
  return written('watchdog.tar', await layerOf(folder, 'usr/bin'))
}

async function written(name: string, layer: Buffer): Promise<string> {
  await writeFile(join(out, name), layer)
  return join(out, name)
}

function run(program: string, args: string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' })
  if (error) throw new Error(`Cannot run ${program}: it has to be in PATH`, { cause: error })
  if (status !== 0) process.exit(status ?? 1)
}

function said(program: string, args: string[]): string {
  return spawnSync(program, args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? ''
}
