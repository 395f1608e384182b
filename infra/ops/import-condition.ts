import type { Filter } from '../../shared/filter.ts'
import { compilePattern } from '../../shared/pattern.ts'
import { literalsOf, type Read, takesNothing, withinLine } from './import-pattern.ts'

/** A pattern that event-exporter can read. */
export type Readable = Exclude<Read, { never: string }>

/** The lines of the readable text in their order, by what event-exporter calls them, and how many may stand before each. */
export const lines = {
  namespace: { label: 'namespace', before: [1, 1] },
  kind: { label: '', before: [1, 2] },
  type: { label: 'type', before: [1, 3] },
  reason: { label: 'reason', before: [1, 4] },
  component: { label: 'from', before: [2, 6] },
  message: { label: 'message', before: [2, 7] },
} as const
/** One of them. */
export type Line = keyof typeof lines

/** What only filters can ask, by names of the data. */
export const fields = { apiVersion: 'data.apiVersion', host: 'data.node', kind: 'data.kind' } as const

/** One condition of a rule, as a part of the readable text, as a filter, or both, and what has to be said about it. */
export type Condition = { line?: LinePattern; filter?: Filter; note?: string }
type LinePattern = { name: Line; pattern: string }

/** A pattern over one line of the text, and as a filter too where that can say it. */
export function lineOf(name: Line, source: string, read: Readable): Condition | { problem: string } {
  if (takesNothing(source)) return { problem: 'an empty value matches it, and of that there is no line' }
  if ('problem' in read) return name === 'kind' ? filterOf(fields.kind, source) : { problem: read.problem }
  const isLast = name === 'message'
  const any = isLast ? '(?s:.*)' : '.*'
  const branches = read.branches.map(({ body, begins, ends }) => {
    const own = isLast ? body : withinLine(body)
    return `${begins ? '' : any}${own.includes('|') ? `(?:${own})` : own}${ends ? '' : any}`
  })
  const ignoresCase = name === 'kind' || read.flags !== ''
  const value = `(?${ignoresCase ? 'i' : ''}:${branches.join('|')})`
  const pattern = name === 'kind' ? kindLine(value) : `${lines[name].label}: ${value} `
  const filter = filterOf(fieldOf(name), source)
  if (name === 'kind' && compilePattern(`^${value}$`).test('namespace')) return filter
  return { line: { name, pattern }, ...('filter' in filter && filter) }
}

// pod: web-1, where the kind is a label, in lower case; .* must not reach over its end.
const kindLine = (value: string) => `${value.replaceAll('.*', '[^:\\n]*')}: .*`

const fieldOf = (name: Line) => (name === 'component' ? 'data.from' : `data.${name}`)

/** A pattern as a filter over a field of the data. */
export function filterOf(field: string, source: string): { filter: Filter } | { problem: string } {
  const literals = literalsOf(source)
  const problem = 'filters know how a value is, begins or ends, and not what stands inside of it'
  if (!literals) return { problem }
  const filters = literals.map(({ text, begins, ends }): Filter | undefined => {
    if (begins && ends) return { exact: { [field]: text } }
    if (begins) return { prefix: { [field]: text } }
    return ends ? { suffix: { [field]: text } } : undefined
  })
  const known = filters.filter(one => one !== undefined)
  if (known.length < filters.length) return { problem }
  return { filter: known.length === 1 && known[0] ? known[0] : { any: known } }
}

/** Lines of the text as one regular expression, from its beginning over each of them; "." stays within one. */
export function regexOf(patterns: LinePattern[]): string {
  let before: readonly [number, number] | undefined
  const parts = patterns.map(({ name, pattern }) => {
    const [least, most] = lines[name].before
    const skipped = before === undefined ? [least, most] : [0, most - before[0] - 1]
    before = lines[name].before
    return `${[...new Set(skipped)].join() === '1' ? '.*\\n' : `(.*\\n){${skipped.join()}}`}${pattern}\\n`
  })
  return `(?-s)^${parts.join('')}${patterns.at(-1)?.name === 'message' ? '$' : ''}`
}
