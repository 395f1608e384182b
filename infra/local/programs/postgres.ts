import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lastLines, runToEnd } from '../command.ts'
import { cacheFolder, fillBeside } from './cache.ts'
import { unpackPackages } from './debian.ts'
import { executables, isExecutable } from './find.ts'
import type { Say } from './table.ts'

/** A PostgreSQL that runs here: the folder of `initdb` and `postgres`, and what these need to be told. */
export type PostgresFiles = { bin: string; version: string; env: Record<string, string> }

/** The oldest that PostgreSQL's own people still mend, and what Debian 12 has. */
const oldestMajor = 15

type Attempt = PostgresFiles | { because: string }

// Debian has one folder for each version, and none of them on the PATH.
const ways: Record<string, (say: Say) => Promise<Attempt>> = {
  'the PATH and the usual folders': installed,
  'the packages of the system': unpacked,
  Homebrew: brewed,
}

/**
 * Finds a PostgreSQL, or gets one, saying what it does where that takes time. POSTGRES_BIN names one to use instead of
 * all else.
 * @throws Error naming every way that was tried, why it failed, and what to install
 */
export async function providePostgres(say: Say = line => console.error(line)): Promise<PostgresFiles> {
  const chosen = process.env.POSTGRES_BIN
  if (chosen) return theChosen(chosen)
  const failed: string[] = []
  for (const [way, attempt] of Object.entries(ways)) {
    const got = await attempt(say)
    if (!('because' in got)) return got
    failed.push(`  ${way}: ${got.because}`)
  }
  throw new Error(
    `Cannot get a PostgreSQL:\n${failed.join('\n')}\nAny one of these helps, then start again:\n` +
      `  apt-get install postgresql\n  brew install postgresql@17\n  set POSTGRES_BIN to the path of an executable postgres that has initdb beside it`,
  )
}

/** `postgres (PostgreSQL) 15.9 (Debian …)` -> `15.9`, `postgres (PostgreSQL) 18beta1` -> `18beta1`. */
export const postgresVersionIn = (text: string): string | undefined =>
  /\(PostgreSQL\) (\d+(?:\.\d+|\w+)?)/.exec(text)?.[1]

async function theChosen(path: string): Promise<PostgresFiles> {
  const got = await tried([dirname(path)])
  if ('because' in got) throw new Error(`POSTGRES_BIN is "${path}", which will not do: ${got.because}`)
  return got
}

async function installed(): Promise<Attempt> {
  const [homebrew, debian] = await Promise.all([
    ...['/opt/homebrew/opt', '/usr/local/opt'].map(at => versioned(at, 'bin')),
    versioned('/usr/lib/postgresql', 'bin'),
  ]).then(([arm = [], intel = [], versions = []]) => [[...arm, ...intel], versions])
  return tried([...executables('postgres').map(dirname), ...(debian ?? []), ...(homebrew ?? [])])
}

/** Folders `at`/<version or postgresql@version>/`below`, newest first. */
async function versioned(at: string, below: string): Promise<string[]> {
  const names = await readdir(at).catch(() => [])
  return names
    .map(name => ({ name, major: Number(/^(?:postgresql@)?(\d+)$/.exec(name)?.[1]) }))
    .filter(({ major }) => major >= oldestMajor)
    .sort((a, b) => b.major - a.major)
    .map(({ name }) => join(at, name, below))
}

async function tried(folders: string[], env: Record<string, string> = {}): Promise<Attempt> {
  const seen: string[] = []
  for (const bin of folders) {
    if (!['initdb', 'postgres'].every(name => isExecutable(join(bin, name)))) continue
    const answer = await runToEnd(join(bin, 'postgres'), ['--version'], { env: { ...process.env, ...env } })
    const version = answer.ok ? postgresVersionIn(answer.output) : undefined
    if (version && Number.parseInt(version, 10) >= oldestMajor) return { bin, version, env }
    seen.push(version ?? `one that does not run (${lastLines(answer.output, 1)})`)
  }
  const least = `it has to be ${oldestMajor} or newer`
  return { because: seen.length > 0 ? `there is ${seen.join(', ')}; ${least}` : 'it is not there' }
}

async function unpacked(say: Say): Promise<Attempt> {
  if (executables('apt-get').length === 0 || executables('dpkg').length === 0)
    return { because: 'this system has no "apt-get"' }
  const folder = join(cacheFolder(), 'postgres', 'debian')
  try {
    const kept = await inRoot(join(folder, 'root'))
    if (!('because' in kept)) return kept
    say('Getting PostgreSQL from the packages of this system …')
    await fillBeside(folder, beside => unpackPackages(['postgresql'], beside, say))
    return await inRoot(join(folder, 'root'))
  } catch (error) {
    return { because: error instanceof Error ? error.message : String(error) }
  }
}

/** It finds its other files from where it lies itself, but not the libraries. */
async function inRoot(root: string): Promise<Attempt> {
  const files = await readdir(root, { recursive: true }).catch(() => [])
  const libraries = files.filter(file => /^(usr\/)?lib\/[^/]+\/[^/]+\.so(\.|$)/.test(file)).map(dirname)
  const search = [...new Set(libraries)].map(at => join(root, at))
  const env = search.length > 0 ? { LD_LIBRARY_PATH: search.join(':') } : undefined
  return tried(await versioned(join(root, 'usr/lib/postgresql'), 'bin'), env)
}

async function brewed(say: Say): Promise<Attempt> {
  const [brew] = executables('brew')
  if (!brew) return { because: 'there is no "brew"' }
  say('Installing postgresql@17 with Homebrew …')
  const { ok, output } = await runToEnd(brew, ['install', 'postgresql@17'])
  return ok ? installed() : { because: lastLines(output, 2) }
}
