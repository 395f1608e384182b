import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ReadSecret, Secret } from '../secret.ts'
import { notText, textOf } from './secrets.ts'

/** As much as Kubernetes takes into one. */
const mostBytes = 1024 * 1024

/**
 * Reads Secrets from a folder, as `{namespace}/{name}/{key}`, which is how they are mounted; without a cluster also
 * as `{name}/{key}`: with one that would hand them to the hooks of every namespace. What has no folder there is
 * `otherwise`'s.
 */
export function secretFiles(dir: string, otherwise: ReadSecret | undefined): ReadSecret {
  return async (id, keys) => {
    const [, name = ''] = id.split('/')
    const folder = [id, ...(otherwise ? [] : [name])].map(path => join(dir, path)).find(isFolder)
    if (folder !== undefined) return valuesIn(folder, id, keys)
    if (otherwise) return otherwise(id, keys)
    return {
      reason: 'SecretMissing',
      problem: `Secret "${id}" does not exist: SECRETS_DIR has no folder ${id}`,
    }
  }
}

function valuesIn(folder: string, id: string, keys: string[]): Secret {
  const values = new Map<string, string>()
  for (const key of keys) {
    const path = join(folder, key)
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found?.isFile()) continue
    if (found.size > mostBytes)
      return {
        reason: 'SecretUnreadable',
        problem: `key "${key}" of Secret "${id}" has ${found.size} bytes, at most ${mostBytes} are read`,
      }
    const value = textOf(readFileSync(path))
    if (value === undefined) return notText(id, key)
    values.set(key, value)
  }
  return { values }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Where there is nothing to read Secrets from. */
export const noSecrets: ReadSecret = async id => ({
  reason: 'SecretMissing',
  problem: `Secret "${id}" does not exist: there is neither a cluster nor SECRETS_DIR to have it from`,
})
