import { z } from 'zod'
import { isObject } from '../../shared/json.ts'
import { nearest } from '../../shared/nearest.ts'
import { quoted, type Refusal } from '../../shared/refusal.ts'

/** What a schema makes of a value, or the refusal that names each field that is wrong and what would be right. */
export type Read<T> = { value: T } | Refusal

const mostValues = 100

/** A schema that is told as another one in the document of all routes, since what is taken is wider than what is meant. */
export const shownAs = <T extends z.ZodType>(schema: T, shown: object): T => schema.meta({ shown })

/** A parameter of several values, by commas or given again and again. */
export function severalOf<T extends z.ZodType<unknown, string>>(one: T) {
  const schema = z
    .union([z.string(), z.array(z.string())])
    .transform(given => [...new Set([given].flat().flatMap(text => text.split(',')))])
    .pipe(z.array(one).max(mostValues, `it has more than ${mostValues} values`))
  return schema.meta({ several: one })
}

/** What each value of a parameter is, where it may have several. */
export function repeats(schema: unknown): z.ZodType | undefined {
  const bare = unwrapped(schema)
  const one = bare instanceof z.ZodType ? z.globalRegistry.get(bare)?.several : undefined
  return one instanceof z.ZodType ? one : undefined
}

/** The parameters behind the "?". */
export function readQuery<T extends z.ZodObject>(schema: T, query: URLSearchParams): Read<z.output<T>> {
  const given = new Map<string, string[]>()
  for (const [name, value] of query) given.set(name, [...(given.get(name) ?? []), value])
  for (const [name, values] of given) {
    const mayRepeat = Object.hasOwn(schema.shape, name) && repeats(schema.shape[name])
    if (values.length > 1 && !mayRepeat)
      return { status: 400, message: `Cannot read the parameters: ${quoted(name)} is given twice` }
  }
  const plain = [...given].map(([name, values]) => [name, values.length > 1 ? values : values[0]])
  const what = { status: 400, what: 'the parameters', one: 'parameter' }
  return read(schema, Object.fromEntries(plain), what)
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
  const schema = z
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
  return shownAs(schema, { type: 'integer', minimum: least, maximum: most })
}

const momentProblem = 'it has to be Unix milliseconds, or a time such as 2026-01-31T12:00:00Z'

/** A time as Unix milliseconds, written so or as RFC 3339 has it. */
export const Moment = shownAs(
  z.union(
    [
      z.int().min(0),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
      z.iso.datetime({ offset: true }).transform(text => Date.parse(text)),
    ],
    momentProblem,
  ),
  {
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', format: 'date-time' },
    ],
  },
)
