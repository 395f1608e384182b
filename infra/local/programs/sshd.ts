import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder, fillBeside } from './cache.ts'
import { unpackPackages } from './debian.ts'
import { executables, isExecutable } from './find.ts'
import type { Say } from './table.ts'

/** An OpenSSH server that was never installed: its files, by their paths from `root`. */
export type SshdFiles = { root: string; sshd: string; libraries: string[]; session?: string }

// libnss-wrapper lets it know a user that the system does not: as root it would need one that installing it makes.
const packages = ['openssh-server', 'libnss-wrapper']

/** Finds the files in the cache, or takes them out of the system's packages. @throws Error telling what to do where it cannot */
export async function provideSshd(say: Say = line => console.error(line)): Promise<SshdFiles> {
  const folder = join(cacheFolder(), 'sshd', 'debian')
  const kept = await filesIn(folder)
  if (kept) return kept
  if (executables('apt-get').length === 0 || executables('dpkg').length === 0)
    throw new Error(
      `Cannot get an sshd to test with: this system has no "apt-get" to have ${packages.join(' and ')} from`,
    )
  say('Getting sshd from the packages of this system …')
  await fillBeside(folder, beside => unpackPackages(packages, beside, say))
  const files = await filesIn(folder)
  if (!files) throw new Error(`The packages ${packages.join(' and ')} have no sshd and no libnss_wrapper.so`)
  return files
}

async function filesIn(folder: string): Promise<SshdFiles | undefined> {
  const root = join(folder, 'root')
  const sshd = 'usr/sbin/sshd'
  const session = 'usr/lib/openssh/sshd-session'
  if (!isExecutable(join(root, sshd))) return undefined
  const files = await readdir(root, { recursive: true })
  const libraries = files.filter(file => /\.so(\.|$)/.test(file))
  if (!libraries.some(file => file.endsWith('libnss_wrapper.so'))) return undefined
  return { root, sshd, libraries, ...(files.includes(session) && { session }) }
}
