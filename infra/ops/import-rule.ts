import { z } from 'zod'
import type { Filter } from '../../shared/filter.ts'
import { compilePattern } from '../../shared/pattern.ts'
import { isAlways, literalsOf, readPattern, takesNothing, withinLine } from './import-pattern.ts'

const Patterns = z.record(z.string(), z.string()).nullish()
const Text = z.coerce.string().default('')

/** A rule of event-exporter: every field that is not empty has to match, as an unanchored regular expression. */
export const Rule = z.looseObject({
  ...{ message: Text, apiVersion: Text, kind: Text, namespace: Text, reason: Text, type: Text },
  ...{ component: Text, host: Text, receiver: Text },
  ...{ minCount: z.coerce.number().default(0), labels: Patterns, annotations: Patterns },
})
export type Rule = z.infer<typeof Rule>

/** The lines of the readable text in their order, by what event-exporter calls them, and how many may stand before each. */
const lines = {
  namespace: { label: 'namespace', before: [1, 1] },
  kind: { label: '', before: [1, 2] },
  type: { label: 'type', before: [1, 3] },
  reason: { label: 'reason', before: [1, 4] },
  component: { label: 'from', before: [2, 6] },
  message: { label: 'message', before: [2, 7] },
} as const
type Line = keyof typeof lines

/** What only filters can ask, by names of the data. */
const fields = { apiVersion: 'data.apiVersion', host: 'data.node', kind: 'data.kind' } as const

/** One condition of a rule, as a part of the readable text, as a filter, or both, and what has to be said about it. */
type Condition = { line?: LinePattern; filter?: Filter; note?: string }
type LinePattern = { name: Line; pattern: string }

/** A rule in our words. `never`: no event matches. `lost`: conditions that cannot be asked, and why. */
export type Judged = { never?: string; conditions: Condition[]; lost: string[] }

/** Each condition of a rule by itself. */
export function judged(rule: Rule): Judged {
  const made: Judged = { conditions: [], lost: [] }
  const take = (name: string, source: string, how: (source: string) => Condition | { problem: string }) => {
    if (source === '') return
    const read = readPattern(source)
    if ('never' in read) made.never = `${name}: event-exporter cannot read "${source}", so it matches nothing`
    else if ('branches' in read && isAlways(read)) return
    else {
      const got = how(source)
      if ('problem' in got) made.lost.push(`${name}: "${source}": ${got.problem}`)
      else made.conditions.push(got)
    }
  }
  for (const name of Object.keys(lines) as Line[]) take(name, rule[name], source => lineOf(name, source))
  for (const name of ['apiVersion', 'host'] as const)
    take(name, rule[name], source => filterOf(fields[name], source))
  for (const kind of ['labels', 'annotations'] as const)
    for (const [key, source] of Object.entries(rule[kind] ?? {}))
      take(`${kind} ${key}`, source, pattern => ({
        ...filterOf(`data.${kind}.${key}`, pattern),
        note: `events say it where WATCH_FILE has enrich: {${kind}: [${key}]}`,
      }))
  if (rule.minCount > 0)
    made.lost.push(
      `minCount: ${rule.minCount}: filters compare texts; threshold counts within a time, see README`,
    )
  return made
}

/** All conditions, as filters where these can say them, else as keywords of type REGEX, each of which has to stand in the text. */
export const asked = ({ conditions }: Judged): { filters: Filter[]; include: string[] } => ({
  filters: conditions.flatMap(({ filter }) => filter ?? []),
  include: conditions.flatMap(({ line, filter }) => (line && !filter ? [regex([line])] : [])),
})

/** The same as what must not hold: one filter or one keyword, or why it is neither. */
export function refused({
  conditions,
  lost,
}: Judged): { filter: Filter } | { exclude: string } | { problem: string } {
  if (lost.length > 0) return { problem: lost.join('; ') }
  const filters = conditions.flatMap(({ filter }) => filter ?? [])
  const [only] = filters
  if (only && filters.length === conditions.length)
    return { filter: { not: filters.length === 1 ? only : { all: filters } } }
  const texts = conditions.flatMap(({ line }) => line ?? [])
  if (texts.length === conditions.length) return { exclude: regex(texts) }
  return { problem: 'a part of it can be asked of fields alone and another of the text alone' }
}

/** From the beginning of the text over each of the lines; "." stays within one. */
function regex(asked: LinePattern[]): string {
  let before: readonly [number, number] | undefined
  const parts = asked.map(({ name, pattern }) => {
    const [least, most] = lines[name].before
    const skipped = before === undefined ? [least, most] : [0, most - before[0] - 1]
    before = lines[name].before
    return `${[...new Set(skipped)].join() === '1' ? '.*\\n' : `(.*\\n){${skipped.join()}}`}${pattern}\\n`
  })
  return `(?-s)^${parts.join('')}${asked.at(-1)?.name === 'message' ? '$' : ''}`
}

function lineOf(name: Line, source: string): Condition | { problem: string } {
  const read = readPattern(source)
  if (takesNothing(source)) return { problem: 'an empty value matches it, and of that there is no line' }
  if ('problem' in read) return name === 'kind' ? filterOf(fields.kind, source) : { problem: read.problem }
  if ('never' in read) return { problem: read.never }
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

function filterOf(field: string, source: string): { filter: Filter } | { problem: string } {
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
