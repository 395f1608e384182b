import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { lastLines, runToEnd } from '../command.ts'
import { cacheFolder, fillOnce } from './cache.ts'
import { executables, isExecutable } from './find.ts'
import type { Attempt, Program, Say } from './table.ts'
import { versionOf } from './version.ts'

/**
 * Takes the program out of the system's packages into the cache, with the libraries that are missing. Nothing is
 * installed: that needs no root, changes nothing of the system, and starts none of the daemons that installing would.
 */
export async function unpackedFromDebian(program: Program, say: Say): Promise<Attempt> {
  if (program.debian.length === 0) return { because: 'none of them has it' }
  if (executables('apt-get').length === 0 || executables('dpkg').length === 0) {
    return { because: 'this system has no "apt-get"' }
  }
  const { binary } = program
  const folder = join(cacheFolder(), binary, 'debian')
  try {
    const cached = await versionOf(join(folder, binary))
    if (!cached) {
      say(`Getting ${binary} from the packages of this system …`)
      await fillOnce(folder, binary, beside => unpack(program, beside, say))
    }
    const version = cached ?? (await versionOf(join(folder, binary)))
    if (!version) return { because: `the package's ${binary} does not run here` }
    if (!program.enough(version)) return { because: `the package has version ${version}` }
    return { path: join(folder, binary), version }
  } catch (error) {
    return { because: error instanceof Error ? error.message : String(error) }
  }
}

async function unpack(program: Program, folder: string, say: Say): Promise<void> {
  await writeStarter(program.binary, folder, await unpackPackages(program.debian, folder, say))
}

/**
 * Takes packages apart, with those that they need and that are not installed, into `folder`/root, whose path it resolves to.
 * @throws Error telling what apt or dpkg said
 */
export async function unpackPackages(names: string[], folder: string, say: Say): Promise<string> {
  const lists = join(cacheFolder(), 'apt')
  let options: string[] = []
  let plan = await whatIsMissing(names, options)
  if (!plan.ok) {
    say('Reading the lists of the packages, they are not on this machine yet …')
    options = await ownLists(lists)
    plan = await whatIsMissing(names, options)
  }
  if (!plan.ok) throw new Error(`apt-get cannot get "${names[0]}": ${lastLines(plan.output, 2)}`)
  const packages = [...new Set([...names, ...packagesToInstall(plan.output)])]
  await succeed('apt-get', [...options, 'download', ...packages], folder)
  const root = join(folder, 'root')
  for (const file of (await readdir(folder)).filter(name => name.endsWith('.deb'))) {
    await succeed('dpkg', ['-x', file, root], folder)
    await rm(join(folder, file))
  }
  return root
}

/** What apt would install beside what is there; it only says so. */
function whatIsMissing(packages: string[], options: string[]) {
  return runToEnd('apt-get', [...options, '-s', 'install', '--no-install-recommends', ...packages])
}

/** The names in the `Inst name (version …)` lines of `apt-get -s install`. */
export function packagesToInstall(plan: string): string[] {
  return [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? '')
}

// Lists of our own, since writing the system's needs root. As root, apt would fetch as a user who may not write here.
async function ownLists(folder: string): Promise<string[]> {
  await mkdir(join(folder, 'lists', 'partial'), { recursive: true })
  await mkdir(join(folder, 'archives', 'partial'), { recursive: true })
  const options = [
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${folder}`,
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap(option => ['-o', option])
  await succeed('apt-get', [...options, 'update'], folder)
  return options
}

/** A starter beside the unpacked files that finds their libraries, wherever the folder is moved to. */
async function writeStarter(binary: string, folder: string, root: string): Promise<void> {
  const files = await readdir(root, { recursive: true })
  const program = ['usr/bin', 'usr/sbin'].map(at => join(root, at, binary)).find(isExecutable)
  if (!program) throw new Error(`the package has no "${binary}"`)
  const libraries = [...new Set(files.filter(file => /\.so(\.|$)/.test(file)).map(dirname))]
  // An empty path would mean the current folder.
  const search = libraries.map(
    at => `export LD_LIBRARY_PATH="$here/root/${at}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n`,
  )
  const starter = join(folder, binary)
  await writeFile(
    starter,
    `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
${search.join('')}exec "$here/${relative(folder, program)}" "$@"
`,
  )
  await chmod(starter, 0o755)
}

async function succeed(command: string, args: string[], cwd: string): Promise<void> {
  const { ok, output } = await runToEnd(command, args, { cwd })
  if (!ok) throw new Error(`${command} ${args.at(-1)} failed: ${lastLines(output, 3)}`)
}
