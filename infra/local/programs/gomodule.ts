import { chmod, cp, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lastLines, runToEnd } from '../command.ts'
import { waitForLock } from '../lock.ts'
import { cacheFolder, fillBeside } from './cache.ts'
import { executables, isExecutable } from './find.ts'
import { kubernetesVersion, pinned, type Source, sources } from './module.ts'
import type { Say } from './table.ts'

/** The folder of a source's executables, where they were built before. */
export function builtBefore(source: Source): string | undefined {
  const folder = folderOf(source)
  return Object.keys(source.packages).every(binary => isExecutable(join(folder, binary))) ? folder : undefined
}

/** The folder of a source's executables, by its name: built now, if need be. @throws Error telling why it cannot */
export async function provideSource(name: string, say: Say): Promise<string> {
  const source = sources.find(one => one.name === name)
  if (!source) throw new Error(`"${name}" is not among the sources`)
  return builtBefore(source) ?? (await buildSource(source, say))
}

/**
 * Builds all executables of a source into the cache, unless another process did meanwhile, and answers with their
 * folder. Takes many minutes the first time, and says so.
 * @throws Error with what Go said
 */
export async function buildSource(source: Source, say: Say): Promise<string> {
  const [go] = executables('go')
  if (!go) throw new Error(`Cannot build ${source.name}: there is no "go" on the PATH`)
  const folder = folderOf(source)
  await mkdir(dirname(folder), { recursive: true })
  // Two builds at a time would take twice as long, each of them.
  const lock = await waitForLock(dirname(folder), held =>
    say(`Process ${held} is building ${source.name}, waiting for it …`),
  )
  try {
    const built = builtBefore(source)
    if (built) return built
    await fillBeside(folder, async beside => {
      await buildInto(beside, { source, go, say })
      // It was there when fewer executables were asked for.
      await rm(folder, { recursive: true, force: true })
    })
    return folder
  } finally {
    lock.release()
  }
}

const folderOf = ({ name, module, pinnedIn }: Source) => join(cacheFolder(), name, pinned(module, pinnedIn))

async function buildInto(
  folder: string,
  { source, go, say }: { source: Source; go: string; say: Say },
): Promise<void> {
  const { module, packages, pinnedIn, files = {} } = source
  const run = async (args: string[]) => {
    const { ok, output } = await runToEnd(go, args, {
      cwd: pinnedIn,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-trimpath -buildvcs=false', GOWORK: 'off' },
    })
    if (!ok) throw new Error(`go ${args[0]} of ${args.at(-1)} failed: ${lastLines(output, 5)}`)
    return output.trim()
  }
  for (const [binary, target] of Object.entries(packages)) {
    const began = Date.now()
    const minutes = () => `${((Date.now() - began) / 60_000).toFixed(1)} min`
    say(`Building ${binary} ${pinned(module, pinnedIn)} with Go, once; that takes minutes …`)
    const told = setInterval(() => say(`still building ${binary}, for ${minutes()}`), 60_000)
    await run(['build', '-ldflags', linkerFlags(), '-o', join(folder, binary), target]).finally(() =>
      clearInterval(told),
    )
    say(`${binary} is built, after ${minutes()}`)
  }
  for (const [name, from] of Object.entries(files)) {
    const at = await run(['list', '-m', '-f', '{{.Dir}}', from.module])
    await copy(join(at, from.folder), join(folder, name))
  }
}

/** Go keeps its modules so that nobody can write or remove anything in them. */
async function copy(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true })
  for (const path of ['', ...(await readdir(to, { recursive: true }))]) await chmod(join(to, path), 0o755)
}

/** No symbols, and the version, as Kubernetes' own build puts it in: what `/version` and kubectl tell. */
export function linkerFlags(version = kubernetesVersion): string {
  const [major, minor] = version.split('.')
  const values = {
    gitVersion: `v${version}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
    gitCommit: '',
  }
  const set = Object.entries(values).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  )
  return ['-s', '-w', ...set].join(' ')
}
