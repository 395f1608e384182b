import { hash, timingSafeEqual } from 'node:crypto'

/** SHA-256 in hex, the form in which tokens are kept. */
export const sha256 = (text: string) => hash('sha256', text)

/** The tokens of a text, separated by commas while one takes the place of the other: the first is sent, all are taken. */
export const tokensIn = (text: string): string[] => text.split(',').map(token => token.trim())

/** Compares a token with the SHA-256 of the right one, in the same time whatever they hold. */
export const sameToken = (given: string, digest: string) =>
  timingSafeEqual(Buffer.from(sha256(given), 'hex'), Buffer.from(digest.padEnd(64, '0').slice(0, 64), 'hex'))

/** The token of an Authorization header: Bearer, or Basic with the token as password (RFC 6750, RFC 7617). */
export function givenToken(header: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +(\S+) *$/i.exec(header ?? '') ?? []
  if (scheme === undefined || credentials === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return credentials
  const text = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : text.slice(colon + 1)
}
