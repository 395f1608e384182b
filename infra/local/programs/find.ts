import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

// Where packages put things that a normal user's PATH does not name: Debian's nats-server is in /usr/sbin.
const alsoLookedAt = [
  '/usr/local/sbin',
  '/usr/sbin',
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '/usr/local/go/bin',
  join(homedir(), 'go', 'bin'),
]

/** Every executable of this name on the PATH and in the usual places beside it, first come first. */
export function executables(name: string, path = process.env.PATH ?? '', also = alsoLookedAt): string[] {
  const folders = [...path.split(delimiter).filter(folder => folder !== ''), ...also]
  return [...new Set(folders.map(folder => join(folder, name)))].filter(isExecutable)
}

/** Is there a file at `path` that this user may run? */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
