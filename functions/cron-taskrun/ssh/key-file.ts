import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A private key is far smaller. */
const mostBytes = 64 * 1024

/** Reads a private key that lies where the connection is made from; `~/` is our own home. */
export function readKeyFile(path: string): string | { problem: string } {
  const at = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
  try {
    const { size } = statSync(at)
    if (size > mostBytes) return { problem: `the file "${path}" has ${size} bytes, which no private key has` }
    return readFileSync(at, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return { problem: `the file "${path}" of its privateKeyPath cannot be read: ${code}` }
  }
}
