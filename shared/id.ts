import { hash } from 'node:crypto'

// Random, made for this project once; changing it would change every id that is derived from what happened.
const namespace = Buffer.from('6f0e5c1c8a3b4b0e9d5f2a7c41d6e893', 'hex')

/**
 * A UUID (RFC 9562, version 5) made of what happened, so that publishing it twice is once. The parts are joined
 * unambiguously: `('a', 'b')` and `('ab')` differ.
 */
export function idOf(...parts: string[]): string {
  const digest = hash('sha1', Buffer.concat([namespace, Buffer.from(JSON.stringify(parts))]), 'buffer')
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  const hex = digest.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
