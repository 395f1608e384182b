import { nearest } from '../../shared/nearest.ts'

/** That something is of another type than it has to be, and how it is written right. */
export function otherType(is: {
  path: PropertyKey[]
  value: unknown
  wanted: string
  source: string | undefined
}): string {
  const kind = kindOf(is.value)
  if (is.wanted !== 'string') {
    const what = kind === 'a number' && !isSecret(is.path) ? shown(is.value) : kind
    return `it is ${what}, it has to be ${kinds[is.wanted] ?? is.wanted}`
  }
  if (kind !== 'a number' && kind !== 'true or false') return `it is ${kind}, it has to be text`
  // YAML reads 10005 as a number, and so does Kubernetes: it would refuse this too.
  const written = is.source ?? String(is.value)
  return isSecret(is.path)
    ? `it is ${kind}, it has to be text: write it in quotes`
    : `it is ${written}, ${kind}, it has to be text: write it in quotes, "${written}"`
}

const kinds: Record<string, string> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

/** What stands here is sealed before it leaves the process or is a credential, so no message shows it. */
const isSecret = ([top, field]: PropertyKey[]) => top === 'spec' && secretFields.includes(String(field))

const secretFields = [
  ...['url', 'options', 'additional', 'template'],
  ...['password', 'privateKey', 'config', 'token', 'variables'],
]

/** `a list`, `empty`, `a number` … */
export function kindOf(value: unknown): string {
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

/** A value as people write it, clipped. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** That a word is none of those that may stand there, and which was probably meant. */
export function otherWord(value: unknown, words: string[]): string {
  const meant = typeof value === 'string' ? nearest(value, words) : undefined
  const hint = meant ? `; did you mean "${meant}"?` : ''
  return `it is ${shown(value)}, it has to be ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}${hint}`
}

/** That there is more of something than may be. */
export function tooBig(value: unknown, most: number): string {
  if (typeof value === 'string') return `it has ${value.length} characters, at most ${most} are allowed`
  if (Array.isArray(value)) return `it has ${value.length} entries, at most ${most} are allowed`
  return `it is ${shown(value)}, it has to be at most ${most}`
}
