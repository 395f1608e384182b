import { hash } from 'node:crypto'

// Random, made for this project once; changing it would change every id that is derived from what happened.
const namespace = Buffer.from('6f0e5c1c8a3b4b0e9d5f2a7c41d6e893', 'hex')

/**
 * A UUID (RFC 9562, version 5) made of what happened, so that publishing it twice is once. The parts are joined
 * unambiguously: `('a', 'b')` and `('ab')` differ.
 */
export const idOf = (...parts: string[]): string => uuidOf(JSON.stringify(parts))

/** The UUID of such a text. */
export function uuidOf(text: string): string {
  const bytes = Buffer.allocUnsafe(namespace.length + Buffer.byteLength(text))
  bytes.set(namespace)
  bytes.write(text, namespace.length)
  const hex = hash('sha1', bytes, 'hex')
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
