import { hash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type Log, messageOf } from '../log.ts'
import { givenToken } from '../token.ts'
import { parseTokens, type Token } from '../tokens.ts'
import { rereading } from './reread.ts'

/** The variable that names a file of tokens: one that can be read when the process starts. */
export const tokensFile = z.string().superRefine((path, context) => {
  try {
    parseTokens(readFileSync(path, 'utf8'))
  } catch (error) {
    context.addIssue(`cannot use the tokens of ${path}: ${messageOf(error)}`)
  }
})

/** Who is calling? */
export type Tokens = { of(authorization: string | undefined): Token | undefined }

/** People have tokens of the older system: a short one is warned of, not refused. */
const short = 16

/**
 * The tokens in force: `token`, named `default`, for everything, and those of `file`, which is read again when it
 * changes. A file that cannot be read leaves those that it held in force.
 */
export function openTokens(about: {
  token: string | undefined
  file: string | undefined
  log: Log
  now?: () => number
}): Tokens {
  const { token, file, log, now = () => performance.now() } = about
  if (token && token.length < short)
    log.warn(
      { characters: token.length },
      `SERVER_TOKEN is easily guessed: give it ${short} characters or more`,
    )
  const everything: Token[] = token
    ? [{ name: 'default', sha256: hash('sha256', token), publish: ['>'], read: ['>'], rights: ['admin'] }]
    : []
  const given = everything.map(withDigest)
  const rows = file
    ? rereading(file, {
        otherwise: given,
        use(text) {
          const read = parseTokens(text)
          log.info({ file, tokens: read.map(row => row.name) }, 'Tokens read')
          return [...given, ...read.map(withDigest)]
        },
        failed: error =>
          log.error({ file, err: messageOf(error) }, 'Tokens stay as they were: cannot read the new ones'),
        now,
      })
    : () => given

  return {
    of(authorization) {
      const inForce = rows()
      const said = givenToken(authorization)
      if (!said) return undefined
      const digest = hash('sha256', said, 'buffer')
      // All of them, whichever is the right one, so that the time tells nothing.
      const same = inForce.filter(row => timingSafeEqual(row.digest, digest))
      return same[0]?.token
    },
  }
}

const withDigest = (token: Token) => ({ token, digest: Buffer.from(token.sha256, 'hex') })
