import { hash } from 'node:crypto'
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { patternProblem, subjectMatches } from './subject.ts'

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

/** May the bearer publish on this subject? */
export const mayPublish = (token: Pick<Token, 'publish'>, subject: string) =>
  token.publish.some(pattern => subjectMatches(pattern, subject))

/** May the bearer read events of this subject? */
export const mayRead = (token: Token, subject: string) =>
  token.read.some(pattern => subjectMatches(pattern, subject))

/** Has the bearer this right? `admin` has all of them. */
export const hasRight = (token: Token, right: string) =>
  token.rights.includes(right) || token.rights.includes('admin')
