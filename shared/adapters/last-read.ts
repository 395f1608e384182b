import { readFileSync } from 'node:fs'

/**
 * What `use` makes of a file, read anew whenever it is asked for; what it last made, where the file cannot be read or is
 * half a one for a moment. Clients would never come back from a connection for which they are given nothing.
 */
export function lastRead<T>(path: string, use: (content: Buffer) => T): () => T | undefined {
  let made: T | undefined
  return () => {
    try {
      made = use(readFileSync(path))
    } catch {}
    return made
  }
}
