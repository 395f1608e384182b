import type { z } from 'zod'
import { EventHooks, HookSpec, Keywords } from '../../shared/hook.ts'
import { nearest } from './nearest.ts'

/** What is wrong with one field, and what would be right. */
export type Problem = { path: PropertyKey[]; problem: string }

/** A resource as a hook, or all that its shape lacks. `sourceOf` says how a field is written in its file. */
export function shapeOf(
  value: unknown,
  sourceOf: (path: PropertyKey[]) => string | undefined,
): { hook: EventHooks } | { problems: Problem[] } {
  const read = EventHooks.safeParse(value)
  if (read.success) return { hook: read.data }
  return { problems: read.error.issues.flatMap(issue => inWords(issue, value, sourceOf)) }
}

/** `spec.keywords.include[0]` */
export const fieldName = (path: PropertyKey[]): string =>
  path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .slice(1)

function inWords(
  issue: z.core.$ZodIssue,
  root: unknown,
  sourceOf: (path: PropertyKey[]) => string | undefined,
): Problem[] {
  const { path } = issue
  const value = valueAt(root, path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => ({ path: [...path, key], problem: unknownField(key, path) }))
    case 'invalid_value':
      return [
        { path, problem: value === undefined ? missing(path) : otherWord(value, issue.values.map(String)) },
      ]
    case 'invalid_type':
      return [
        {
          path,
          problem:
            value === undefined
              ? missing(path)
              : otherType({ path, value, wanted: issue.expected, source: sourceOf(path) }),
        },
      ]
    case 'too_small':
      return [{ path, problem: 'it is empty' }]
    default:
      return [{ path, problem: issue.message }]
  }
}

function unknownField(key: string, parent: PropertyKey[]): string {
  const names = Object.keys(parent.at(-1) === 'keywords' ? Keywords.shape : HookSpec.shape)
  const meant = nearest(key, names)
  const hint = meant ? `did you mean "${meant}"?` : `the fields are ${names.join(', ')}`
  return `there is no field "${key}": ${hint}`
}

function otherWord(value: unknown, words: string[]): string {
  const meant = typeof value === 'string' ? nearest(value, words) : undefined
  const hint = meant ? `; did you mean "${meant}"?` : ''
  return `it is ${shown(value)}, it has to be ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}${hint}`
}

function missing(path: PropertyKey[]): string {
  const meaning = Object.entries(HookSpec.shape).find(([name]) => path.length === 2 && name === path[1])
  const text = meaning?.[1].description
  return text ? `it is missing (${text})` : 'it is missing'
}

function otherType(is: {
  path: PropertyKey[]
  value: unknown
  wanted: string
  source: string | undefined
}): string {
  const kind = kindOf(is.value)
  if (is.wanted !== 'string') return `it is ${kind}, it has to be ${kinds[is.wanted] ?? is.wanted}`
  if (kind !== 'a number' && kind !== 'true or false') return `it is ${kind}, it has to be text`
  // YAML reads 10005 as a number, and so does Kubernetes: it would refuse this too.
  const written = is.source ?? String(is.value)
  return isSecret(is.path)
    ? `it is ${kind}, it has to be text: write it in quotes`
    : `it is ${written}, ${kind}, it has to be text: write it in quotes, "${written}"`
}

const kinds: Record<string, string> = { object: 'a map', record: 'a map', array: 'a list' }

/** What stands here is sealed before it leaves the process, so no message shows it. */
const isSecret = ([top, field]: PropertyKey[]) =>
  top === 'spec' && (field === 'url' || field === 'options' || field === 'additional')

function kindOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'object':
      return 'a map'
    case 'boolean':
      return 'true or false'
    case 'string':
      return 'text'
    default:
      return `a ${typeof value}`
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function valueAt(root: unknown, path: PropertyKey[]): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, step)
  }
  return value
}
