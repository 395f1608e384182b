import { z } from 'zod'
import { nearest } from '../../shared/nearest.ts'
import { otherType, otherWord, shown, tooBig } from './value.ts'

/** What is wrong with one field, and what would be right. */
export type Problem = { path: PropertyKey[]; problem: string }

/** How a field is written in its file, where it is a single word. */
export type SourceOf = (path: PropertyKey[]) => string | undefined

/** A resource as its schema reads it, or all that its shape lacks. */
export function shapeOf<T>(
  schema: z.ZodType<T>,
  value: unknown,
  sourceOf: SourceOf,
): { read: T } | { problems: Problem[] } {
  const read = schema.safeParse(value)
  if (read.success) return { read: read.data }
  return { problems: read.error.issues.flatMap(issue => inWords(issue, { schema, root: value, sourceOf })) }
}

/** `spec.keywords.include[0]` */
export const fieldName = (path: PropertyKey[]): string =>
  path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .slice(1)

type About = { schema: z.core.$ZodType; root: unknown; sourceOf: SourceOf }

function inWords(issue: z.core.$ZodIssue, { schema, root, sourceOf }: About): Problem[] {
  const { path } = issue
  const value = valueAt(root, path)
  const said = (problem: string): Problem[] => [
    { path, problem: value === undefined ? missing(schema, path) : problem },
  ]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => ({ path: [...path, key], problem: unknownField(key, schema, path) }))
    case 'invalid_value':
      return said(otherWord(value, issue.values.map(String)))
    case 'invalid_type':
      return said(otherType({ path, value, wanted: issue.expected, source: sourceOf(path) }))
    case 'invalid_key':
      return [
        { path, problem: `there is no field "${String(path.at(-1))}" here: url is one, and options.secret` },
      ]
    case 'too_small':
      return said(
        issue.origin === 'number'
          ? `it is ${shown(value)}, it has to be at least ${issue.minimum}`
          : 'it is empty',
      )
    case 'too_big':
      return said(tooBig(value, Number(issue.maximum)))
    default:
      return said(issue.message)
  }
}

function unknownField(key: string, schema: z.core.$ZodType, parent: PropertyKey[]): string {
  const within = contentOf(fieldAt(schema, parent))
  const names = within instanceof z.ZodObject ? Object.keys(within.shape) : []
  const meant = nearest(key, names)
  const hint = meant ? `did you mean "${meant}"?` : `the fields are ${names.join(', ')}`
  return `there is no field "${key}": ${hint}`
}

function missing(schema: z.core.$ZodType, path: PropertyKey[]): string {
  const field = fieldAt(schema, path)
  const text = field instanceof z.ZodType ? field.description : undefined
  return text ? `it is missing (${text})` : 'it is missing'
}

function fieldAt(schema: z.core.$ZodType, path: PropertyKey[]): z.core.$ZodType | undefined {
  let at: z.core.$ZodType | undefined = schema
  for (const step of path) {
    const within = contentOf(at)
    if (within instanceof z.ZodObject) at = within.shape[String(step)]
    else if (within instanceof z.ZodArray) at = within.element
    else if (within instanceof z.ZodRecord) at = within.valueType
    else return undefined
  }
  return at
}

/** A schema without what only says that it may be left out, or what is done to a value before it is read. */
function contentOf(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return contentOf(schema.unwrap())
  return schema instanceof z.ZodPipe ? contentOf(schema.out) : schema
}

function valueAt(root: unknown, path: PropertyKey[]): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, step)
  }
  return value
}
