import { hash, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { type Log, messageOf } from '../../shared/log.ts'
import { patternProblem, subjectMatches } from '../../shared/subject.ts'
import { givenToken } from '../../shared/token.ts'

const pattern = z
  .string()
  .superRefine((text, context) => {
    const problem = patternProblem(text)
    if (problem) context.addIssue(`${JSON.stringify(text)} is no subject pattern: ${problem}`)
  })
  .toLowerCase()

const ofNothing = hash('sha256', '')

const Row = z.strictObject({
  name: z.string().min(1),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'it has to be the SHA-256 of the token, 64 hexadecimal digits')
    .toLowerCase()
    .refine(digest => digest !== ofNothing, 'it is the SHA-256 of an empty text'),
  publish: z.array(pattern).default([]),
  read: z.array(pattern).default([]),
  rights: z.array(z.string().min(1)).default([]),
})

/**
 * What the bearer of a token may do: the subjects it may publish on and read, and its rights, such as `admin`. Two
 * tokens may have one name while one takes the place of the other; rates and ids of events are by name.
 */
export type Token = z.infer<typeof Row>

/** The tokens of a file's text: YAML, a list of rows. @throws Error naming every row and field that is wrong */
export function parseTokens(text: string): Token[] {
  const read = z.array(Row, 'it has to be a list').safeParse(parseYaml(text))
  if (read.success) return read.data
  const lines = read.error.issues.map(({ path, message }) => {
    const [row, ...field] = path
    if (row === undefined) return message
    return [`token ${Number(row) + 1}`, field.join('.'), message].filter(part => part !== '').join(': ')
  })
  throw new Error(lines.join('; '))
}

function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    // Only the first line: what follows shows the file's text.
    if (error instanceof YAMLParseError) throw new Error(error.message.split('\n', 1)[0], { cause: error })
    throw error
  }
}

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

/** Milliseconds for which a file is taken to be unchanged. */
const fresh = 1_000

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
  const everything: Token[] = token
    ? [{ name: 'default', sha256: hash('sha256', token), publish: ['>'], read: ['>'], rights: ['admin'] }]
    : []
  let rows = everything.map(withDigest)
  let version = ''
  let checkedAt = Number.NEGATIVE_INFINITY

  function refresh(path: string) {
    checkedAt = now()
    const found = versionOf(path)
    if (found === version) return
    version = found
    try {
      const read = parseTokens(readFileSync(path, 'utf8'))
      rows = [...everything, ...read].map(withDigest)
      log.info({ file: path, tokens: read.map(row => row.name) }, 'Tokens read')
    } catch (error) {
      log.error({ file: path, err: messageOf(error) }, 'Tokens stay as they were: cannot read the new ones')
    }
  }

  return {
    of(authorization) {
      if (file && now() - checkedAt >= fresh) refresh(file)
      const given = givenToken(authorization)
      if (!given) return undefined
      const digest = hash('sha256', given, 'buffer')
      // All of them, whichever is the right one, so that the time tells nothing.
      const same = rows.filter(row => timingSafeEqual(row.digest, digest))
      return same[0]?.token
    },
  }
}

const withDigest = (token: Token) => ({ token, digest: Buffer.from(token.sha256, 'hex') })

// Of what the path leads to: Kubernetes changes a mounted secret by turning a symbolic link.
function versionOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true })
    return `${dev}:${ino}:${size}:${mtimeNs}`
  } catch {
    // Reading it fails for the same reason, and says which.
    return 'unreadable'
  }
}

/** May the bearer publish on this subject? */
export const mayPublish = (token: Token, subject: string) =>
  token.publish.some(pattern => subjectMatches(pattern, subject))
