import { join } from 'node:path'
import { lastLines, runToEnd } from './command.ts'
import { cacheFolder } from './programs/cache.ts'
import { unpackedFromDebian } from './programs/debian.ts'
import { executables } from './programs/find.ts'
import { builtByGo } from './programs/go.ts'
import {
  type Attempt,
  type Program,
  type ProgramName,
  type Provided,
  programs,
  type Say,
} from './programs/table.ts'
import { versionOf } from './programs/version.ts'

// In the order that costs a user least: what is there, what we got before, what builds the tested version, what the
// system has, which may be older.
const ways: Record<string, (program: Program, say: Say) => Promise<Attempt>> = {
  'the PATH': program => installed(program, program.good),
  'the cache': cached,
  Go: builtByGo,
  'an older one on the PATH': program => installed(program, program.enough),
  'the packages of the system': unpackedFromDebian,
  Homebrew: brewed,
}

/**
 * Finds a program, or gets it, saying what it does where that takes time.
 * @throws Error naming every way that was tried, why it failed, and what to install
 */
export async function provide(name: ProgramName, say: Say = line => console.error(line)): Promise<Provided> {
  const program: Program = programs[name]
  const chosen = process.env[program.env]
  if (chosen) return theChosen(program, chosen)
  const failed: string[] = []
  for (const [way, attempt] of Object.entries(ways)) {
    const began = Date.now()
    const got = await attempt(program, say)
    if ('because' in got) {
      failed.push(`  ${way}: ${got.because}`)
      continue
    }
    if (Date.now() - began > 2_000) say(`${program.binary} ${got.version} is there, after ${seconds(began)}`)
    if (!program.good(got.version) && program.lacks) {
      say(`Using ${program.binary} ${got.version}: ${program.lacks}`)
    }
    return got
  }
  throw new Error(`Cannot get ${name}:\n${failed.join('\n')}\n${advice(program)}`)
}

async function theChosen({ binary, env }: Program, path: string): Promise<Provided> {
  const version = await versionOf(path)
  if (!version)
    throw new Error(`${env} is "${path}", which does not run as ${binary}: "--version" gives no version`)
  return { path, version }
}

async function installed({ binary }: Program, accepted: (version: string) => boolean): Promise<Attempt> {
  const seen: string[] = []
  for (const path of executables(binary)) {
    const version = await versionOf(path)
    if (version && accepted(version)) return { path, version }
    seen.push(version ?? 'one that does not run')
  }
  return { because: seen.length > 0 ? `there is only ${seen.join(', ')}` : 'it is not there' }
}

async function cached({ binary, go }: Program): Promise<Attempt> {
  if (!go) return { because: 'none is kept there' }
  const path = join(cacheFolder(), binary, go.version, binary)
  const version = await versionOf(path)
  return version ? { path, version } : { because: `it has no version ${go.version}` }
}

async function brewed(program: Program, say: Say): Promise<Attempt> {
  const [brew] = executables('brew')
  if (!brew || !program.brew) return { because: 'there is no "brew" that has it' }
  say(`Installing ${program.brew} with Homebrew …`)
  const { ok, output } = await runToEnd(brew, ['install', program.brew])
  return ok ? installed(program, program.enough) : { because: lastLines(output, 2) }
}

function advice({ binary, go, debian, brew, env, docker }: Program): string {
  return [
    'Any one of these helps, then start again:',
    go && `  install Go from https://go.dev/dl, it is then built from ${go.module}@v${go.version}`,
    debian[0] && `  apt-get install ${debian[0]}`,
    brew && `  brew install ${brew}`,
    `  set ${env} to an executable ${binary}`,
    docker && `  ${docker}   (then set ${env} to it)`,
  ]
    .filter(line => line)
    .join('\n')
}

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(0)} s`
