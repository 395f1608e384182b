import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Builds the bundles of a revision of this repository from a copy in `dir`; returns the folder that they are in. */
export async function bundlesOf(revision: string, dir: string): Promise<string> {
  await mkdir(dir, { recursive: true })
  const archive = join(dir, 'tree.tar')
  await run('git', ['archive', '--output', archive, revision], { cwd: root })
  await run('tar', ['-x', '-f', archive, '-C', dir])
  await packages(dir)
  await run(process.execPath, ['infra/build.ts'], { cwd: dir })
  return join(dir, 'dist')
}

// Those that lie here already, where they are the same.
async function packages(dir: string): Promise<void> {
  const [theirs, ours] = await Promise.all([dir, root].map(top => readFile(join(top, 'package-lock.json'))))
  if (theirs && ours?.equals(theirs)) return symlink(join(root, 'node_modules'), join(dir, 'node_modules'))
  await run('npm', ['ci', '--ignore-scripts'], { cwd: dir })
}
