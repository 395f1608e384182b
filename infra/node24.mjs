// Runs what follows on the project's own Node 24, getting it and the other packages first where they are
// missing. Plain JavaScript without imports of ours: it is the one file that an older Node has to read.
//
//   node infra/node24.mjs infra/build.ts      a file of ours
//   node infra/node24.mjs vitest run          a command of node_modules/.bin
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')

/** npm leaves a copy of the lockfile behind what it installed; another one, or none, means: install. */
function packagesAreCurrent() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, wants]) => path === '' || wants.optional || present[path]?.version === wants.version,
  )
}

if (!packagesAreCurrent()) {
  console.error('Installing the packages of package-lock.json …')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (npm.status !== 0) {
    console.error('npm ci failed: see its message above')
    process.exit(1)
  }
}

// No package carries Node for this platform: the one at hand has to be new enough.
const ownNode = join(bin, process.platform === 'win32' ? 'node.exe' : 'node')
const node = existsSync(ownNode) ? ownNode : process.execPath
if (node === process.execPath && Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`Node 24 or newer is needed, this is ${process.version}: install it from https://nodejs.org`)
  process.exit(1)
}

const [target, ...args] = process.argv.slice(2)
const file = target.endsWith('.ts') ? join(root, target) : join(bin, target)
const child = spawn(node, [file, ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) },
})
// Ctrl-C reaches the whole process group by itself; a SIGTERM to this process alone has to be handed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => {})
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
