import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { endpointProblem } from './endpoint.ts'
import { messageOf } from './log.ts'
import { isSealKey } from './seal.ts'
import { isTimeZone } from './time-zone.ts'
import { tokensIn } from './token.ts'

/** A number in a variable, such as a port. */
export const integer = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `it has to be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine(value => value >= least && value <= most, `it has to be a whole number from ${least} to ${most}`)

/** `true`/`false` in a variable. */
export const flag = z.enum(['true', 'false'], 'it has to be true or false').transform(word => word === 'true')

/** Secret of at least 16 characters, where a short one would be guessed. */
export const secret = z.string().min(16, 'it has to have at least 16 characters')

const timeZone = z.string().refine(isTimeZone, 'it has to be a time zone such as UTC or Asia/Shanghai')

const endpoint = z.string().superRefine((text, context) => {
  const message = endpointProblem(text)
  if (message) context.addIssue({ code: 'custom', message })
})

/** The variables that most processes share; a door picks what it reads. */
export const variables = {
  EVENT_CLUSTER: z.string().min(1),
  EVENT_ENDPOINT: endpoint,
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'it has to be redis://host:port or rediss://host:port' }),
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: 'it has to be postgres://user:password@host:port/database',
  }),
  ACTIVE_NAMESPACE: z.string().min(1).default('ops-system'),
  BRIDGE_TOKEN: z
    .string()
    .refine(
      text => tokensIn(text).every(token => secret.safeParse(token).success),
      'it has to have at least 16 characters, several separated by commas',
    ),
  PORT: integer(0, 65_535).default(8080),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  TZ: timeZone.default('UTC'),
  HOOK_SEAL_KEY: z.string().refine(isSealKey, 'it has to be 32 bytes in base64, several separated by commas'),
  REPLICAS: integer(1, 5).default(1),
}

/**
 * Reads a door's variables, once. Without what it needs the process says every missing or wrong name, one a line,
 * and exits with 1. A variable that is set to nothing counts as missing. Of `oneOf` at least one has to be set. Instead
 * of a variable X there may be X_FILE, naming the file that holds its value, as platforms mount secrets.
 */
export function configuration<T extends z.ZodRawShape>(
  shape: T,
  { oneOf = [], env = process.env }: { oneOf?: (keyof T & string)[]; env?: NodeJS.ProcessEnv } = {},
): z.infer<z.ZodObject<T>> {
  const { set, unreadable } = withFiles(Object.keys(shape), env)
  const read = z.object(shape).safeParse(set)
  const wrong = (read.error?.issues ?? []).flatMap(issue => {
    const name = issue.path.join('.')
    if (name in unreadable) return []
    return name in set ? `${name}: ${issue.message}` : `${name}: it is missing`
  })
  const lacking = oneOf.length > 0 && !oneOf.some(name => name in set || name in unreadable)
  const lines = [...Object.values(unreadable), ...wrong, ...halves(Object.keys(shape), set)]
  if (lacking) lines.push(`${oneOf.join(' or ')}: one of them is needed`)
  if (read.success && lines.length === 0) return read.data
  return cannotStart(lines)
}

/** Of those that are of no use alone: the ones whose other half is not set. */
function halves(names: string[], set: Given['set']): string[] {
  return pairs.flatMap(pair => {
    const missing = pair.find(name => names.includes(name) && !(name in set))
    const there = pair.find(name => name in set)
    return missing && there ? [`${missing}: it is missing, and ${there} is set`] : []
  })
}

const pairs = [['TLS_CERT_FILE', 'TLS_KEY_FILE']]

type Given = { set: Record<string, string | undefined>; unreadable: Record<string, string> }

function withFiles(names: string[], env: NodeJS.ProcessEnv): Given {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const unreadable: Record<string, string> = {}
  for (const name of names) {
    const variable = `${name}_FILE`
    const file = set[variable]
    // One like SERVER_TOKENS_FILE is read by its own door, and again when the file changes.
    if (file === undefined || names.includes(variable)) continue
    if (name in set) {
      unreadable[name] = `${name} and ${variable}: only one of them may be set`
      continue
    }
    try {
      const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
      if (value !== '') set[name] = value
    } catch (error) {
      unreadable[name] = `${variable}: ${messageOf(error)}`
    }
  }
  return { set, unreadable }
}

/** Ends a process that has not what it needs; each line names a variable and what is wrong with it. */
export function cannotStart(lines: string[]): never {
  process.stderr.write(`Cannot start, the environment lacks what is needed:\n  ${lines.join('\n  ')}\n`)
  process.exit(1)
}
