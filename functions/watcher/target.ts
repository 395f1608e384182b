import type { Filter } from '../../shared/filter.ts'
import type { HookSpec } from '../../shared/hook.ts'
import { patternCovers, patternProblem, subjectProblem } from '../../shared/subject.ts'

/**
 * Why a text is no target of a hook of type `event`, or undefined when it is one: a subject, a template of one with
 * `*` for tokens of the source's subject, or what replaces the last token of that. In lower case.
 */
export function targetProblem(
  target: string,
  { subject: written, filters }: Pick<HookSpec, 'subject' | 'filters'>,
): string | undefined {
  const subject = written.toLowerCase()
  if (target.includes('://'))
    return 'for type event it is the subject to publish on, and this is a web address'
  if (target.split('.').includes('>'))
    return 'it has ">": a target takes tokens of the source one by one, with "*"'
  const problem = target.includes('*') ? patternProblem(target) : subjectProblem(target)
  if (problem) return `it is no target subject: ${problem}`
  const [first] = target.split('.')
  if (target.includes('*') && first !== 'ops' && first !== '*') return 'it has to start with "ops."'
  const made = madeFrom(subject, target)
  if (made === subject && !subject.endsWith('>'))
    return `it is the subject of the event itself, so that each event would only be published again: change a token of "${target}"`
  if (!patternCovers(subject, made) || tellsApart(filters)) return undefined
  return (
    `each event that it makes is on "${made}", which the hook's own subject "${subject}" takes in again: ` +
    'narrow that, to end in ".events" for example, publish beside it, or tell them apart with a filter on "subject"'
  )
}

/**
 * A pattern of all subjects that a target makes of the subjects of a pattern, no wider than such a pattern has to be;
 * both in lower case. The walk is hook-evaluate's: `*` takes the source's token at the cursor and moves on, as does a
 * name that equals it.
 */
export function madeFrom(subject: string, target: string): string {
  const source = subject.split('.')
  if (!target.includes('*')) return target.startsWith('ops.') ? target : withLast(source, target)
  // Where a source's token is not known, neither is whether it equals a name: the cursor may be at several.
  let cursors = new Set([0])
  const made = target.split('.').map(part => {
    const here = [...cursors].map(cursor => tokenAt(source, cursor))
    const next = new Set<number>()
    for (const cursor of cursors) {
      const token = tokenAt(source, cursor)
      if (part === '*' || token === '*' || token === part) next.add(cursor + 1)
      if (part !== '*' && token !== part) next.add(cursor)
    }
    cursors = next
    if (part !== '*') return part
    return here.every(token => token === here[0]) ? (here[0] ?? '*') : '*'
  })
  return made.join('.')
}

/** A source's token as far as its pattern tells. */
function tokenAt(source: string[], at: number): string {
  const token = source[at] ?? '*'
  return token === '>' ? '*' : token
}

// Of `ops.a.>` the last token of a subject is anywhere behind.
const withLast = (source: string[], suffix: string) =>
  source.at(-1) === '>' ? source.join('.') : [...source.slice(0, -1), suffix].join('.')

/** What an event made of another one has of its own; the rest is the same. */
const ownToMade = ['subject', 'id', 'time', 'hops', 'via', 'causationid', 'correlationid']

/** May filters let an event through, and not what is made of it? */
export const tellsApart = (filters: readonly Filter[] = []): boolean =>
  filters.some(filter => {
    if ('not' in filter) return tellsApart([filter.not])
    if ('all' in filter) return tellsApart(filter.all)
    if ('any' in filter) return tellsApart(filter.any)
    return Object.values(filter).some(texts => Object.keys(texts).some(name => ownToMade.includes(name)))
  })
