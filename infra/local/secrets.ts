import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A secret that stays the same from start to start: made once, and kept in a file that only its owner can read. */
export function keptSecret(dir: string, name: string, encoding: 'base64' | 'base64url'): string {
  const file = join(dir, name)
  const kept = read(file)
  if (kept) return kept
  const secret = randomBytes(32).toString(encoding)
  writeFileSync(file, `${secret}\n`, { mode: 0o600 })
  return secret
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}
