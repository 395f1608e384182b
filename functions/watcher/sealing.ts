import { createHmac } from 'node:crypto'
import { sealWith } from '../../shared/seal.ts'

/** What the watcher's key is for. */
export type Sealing = {
  /** Seals what is about a hook. */
  close(text: string, about: string): string
  /** The revision of a hook: the same text has the same one. */
  revision(text: string): string
}

/** Goes up when the compiled form of a hook changes, so that a set of the old form does not pass for the new one. */
const form = 2

/**
 * Seals, and names revisions, with the first of the keys. Revisions are keyed hashes: they stand in the open, where
 * a plain one would let somebody try out urls, and a new key has to put every hook in force anew.
 */
export function sealingWith(keys: string): Sealing {
  const { close } = sealWith(keys)
  const key = createHmac('sha256', Buffer.from(keys.split(',')[0]?.trim() ?? '', 'base64'))
    .update('revision')
    .digest()
  return {
    close,
    revision: text => createHmac('sha256', key).update(`${form}\n${text}`).digest('hex').slice(0, 16),
  }
}
