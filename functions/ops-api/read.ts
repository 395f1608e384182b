import { z } from 'zod'
import { isObject } from '../../shared/json.ts'
import { nearest } from '../../shared/nearest.ts'
import { quoted, type Refusal } from '../../shared/refusal.ts'

/** What a schema makes of a value, or the refusal that names each field that is wrong and what would be right. */
export type Read<T> = { value: T } | Refusal

/** The parameters behind the "?". */
export function readQuery<T extends z.ZodObject>(schema: T, query: URLSearchParams): Read<z.output<T>> {
  const given: Record<string, string> = {}
  for (const [name, value] of query) {
    if (name in given)
      return { status: 400, message: `Cannot read the parameters: ${quoted(name)} is given twice` }
    given[name] = value
  }
  return read(schema, given, { status: 400, what: 'the parameters', one: 'parameter' })
}

/** A body, which has to be an object. */
export function readBody<T extends z.ZodObject>(schema: T, body: unknown): Read<z.output<T>> {
  if (!isObject(body)) return { status: 400, message: 'Cannot read the body: it has to be a JSON object' }
  return read(schema, body, { status: 422, what: 'the body', one: 'field' })
}

function read<T extends z.ZodObject>(
  schema: T,
  given: object,
  { status, what, one }: { status: number; what: string; one: string },
): Read<z.output<T>> {
  const result = schema.safeParse(given)
  if (result.success) return { value: result.data }
  const problems = result.error.issues.flatMap(issue => {
    const place = issue.path.join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(key =>
        unknown(one, [...issue.path, key].join('.'), key, namesAt(schema, issue.path)),
      )
    const isMissing = issue.code.startsWith('invalid_') && isAbsent(given, issue.path)
    return [`${place}: ${isMissing ? 'it is missing' : issue.message}`]
  })
  return { status, message: `Cannot read ${what}: ${problems.join('; ')}` }
}

function unknown(one: string, place: string, key: string, names: string[]): string {
  const meant = nearest(key, names)
  const hint = meant ? `did you mean ${quoted(meant)}?` : `there are ${names.join(', ')}`
  return `there is no ${one} ${quoted(place)}, ${hint}`
}

/** The names that an object of the schema may have, some levels down. */
function namesAt(schema: z.ZodType, path: PropertyKey[]): string[] {
  let at: unknown = schema
  for (const step of path) {
    at = unwrapped(at)
    if (at instanceof z.ZodArray) at = at.element
    else if (at instanceof z.ZodObject) at = at.shape[String(step)]
  }
  const object = unwrapped(at)
  return object instanceof z.ZodObject ? Object.keys(object.shape) : []
}

function unwrapped(schema: unknown): unknown {
  let at = schema
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault) at = at.unwrap()
  return at
}

function isAbsent(given: object, path: PropertyKey[]): boolean {
  let at: unknown = given
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return false
    at = Reflect.get(at, step)
  }
  return at === undefined
}

/** A whole number, of a parameter as well as of a body. */
export const whole = (least: number, most: number) => {
  const problem = `it has to be a whole number from ${least} to ${most}`
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,15}$/, problem)
          .transform(Number),
      ],
      problem,
    )
    .refine(value => Number.isInteger(value) && value >= least && value <= most, problem)
}

const momentProblem = 'it has to be Unix milliseconds, or a time such as 2026-01-31T12:00:00Z'

/** A time as Unix milliseconds, written so or as RFC 3339 has it. */
export const Moment = z.union(
  [
    z.int().min(0),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
    z.iso.datetime({ offset: true }).transform(text => Date.parse(text)),
  ],
  momentProblem,
)
