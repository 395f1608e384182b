import { z } from 'zod'
import type { Filter } from '../../shared/filter.ts'
import {
  type Condition,
  fields,
  filterOf,
  type Line,
  lineOf,
  lines,
  type Readable,
  regexOf,
} from './import-condition.ts'
import { isAlways, readPattern } from './import-pattern.ts'

const Patterns = z.record(z.string(), z.string()).nullish()
const Text = z.coerce.string().default('')

/** A rule of event-exporter: every field that is not empty has to match, as an unanchored regular expression. */
export const Rule = z.looseObject({
  ...{ message: Text, apiVersion: Text, kind: Text, namespace: Text, reason: Text, type: Text },
  ...{ component: Text, host: Text, receiver: Text },
  ...{ minCount: z.coerce.number().default(0), labels: Patterns, annotations: Patterns },
})
export type Rule = z.infer<typeof Rule>

/** A rule in our words. `never`: no event matches. `lost`: conditions that cannot be asked, and why. */
export type Judged = { never?: string; conditions: Condition[]; lost: string[] }

/** Each condition of a rule by itself. */
export function judged(rule: Rule): Judged {
  const made: Judged = { conditions: [], lost: [] }
  const take = (name: string, source: string, how: (read: Readable) => Condition | { problem: string }) => {
    if (source === '') return
    const read = readPattern(source)
    if ('never' in read) made.never = `${name}: event-exporter cannot read "${source}", so it matches nothing`
    else if ('branches' in read && isAlways(read)) return
    else {
      const got = how(read)
      if ('problem' in got) made.lost.push(`${name}: "${source}": ${got.problem}`)
      else made.conditions.push(got)
    }
  }
  for (const name of Object.keys(lines) as Line[])
    take(name, rule[name], read => lineOf(name, rule[name], read))
  for (const name of ['apiVersion', 'host'] as const)
    take(name, rule[name], () => filterOf(fields[name], rule[name]))
  for (const kind of ['labels', 'annotations'] as const)
    for (const [key, source] of Object.entries(rule[kind] ?? {}))
      take(`${kind} ${key}`, source, () => ({
        ...filterOf(`data.${kind}.${key}`, source),
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
  include: conditions.flatMap(({ line, filter }) => (line && !filter ? [regexOf([line])] : [])),
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
  if (texts.length === conditions.length) return { exclude: regexOf(texts) }
  return { problem: 'a part of it can be asked of fields alone and another of the text alone' }
}
