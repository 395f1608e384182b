import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Seals what only the watcher and webhook-deliver may read. */
export type Seal = {
  /** base64; `about` is bound to it, so that it cannot be moved to another hook. */
  close(text: string, about: string): string
  /** @throws Error when the key is another, or when the text or what it is about was changed */
  open(sealed: string, about: string): string
}

/** AES-256-GCM with keys of 32 bytes in base64, separated by commas: the first seals, all open (rotation). */
export function sealWith(keys: string): Seal {
  const all = keys.split(',').map(text => keyOf(text.trim()))
  const [first] = all
  if (!first) throw new RangeError('Cannot seal without a key')
  return {
    close(text, about) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', first, nonce).setAAD(Buffer.from(about))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')
    },
    open(sealed, about) {
      const bytes = Buffer.from(sealed, 'base64')
      for (const key of all) {
        const opened = tryOpen(key, bytes, about)
        if (opened !== undefined) return opened
      }
      throw new Error(`Cannot open what is sealed for "${about}": it was sealed with another key, or changed`)
    },
  }
}

/** Is this text one or more keys that `sealWith` takes? */
export const isSealKey = (keys: string) =>
  keys.split(',').every(key => Buffer.from(key.trim(), 'base64').length === keyBytes)

const keyBytes = 32

function keyOf(text: string): Buffer {
  const key = Buffer.from(text, 'base64')
  if (key.length !== keyBytes)
    throw new RangeError(`Cannot seal with a key of ${key.length} bytes, it has to be ${keyBytes} in base64`)
  return key
}

function tryOpen(key: Buffer, bytes: Buffer, about: string): string | undefined {
  try {
    const opening = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
    opening.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(12, 28))
    return Buffer.concat([opening.update(bytes.subarray(28)), opening.final()]).toString('utf8')
  } catch {
    // Node has one way to say "wrong key or changed": a throw. The caller tries the next key, then says so.
    return undefined
  }
}
