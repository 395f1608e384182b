import type { EventHooks, HookSpec } from '../../shared/hook.ts'
import { nameProblem } from '../../shared/named.ts'
import { isNamespace, isObjectName } from '../../shared/object-names.ts'
import { compilePattern, PatternError } from '../../shared/pattern.ts'
import { receivers } from '../../shared/receivers.ts'
import { patternProblem } from '../../shared/subject.ts'
import { addressProblems } from './address.ts'
import type { Problem } from './shape.ts'
import type { TemplateCheck } from './template.ts'

/** Bounds of a hook's keywords: with them a set of ten thousand hooks stays in memory and fast to ask. */
export const keywordLimits = { entries: 100, characters: 1024 } as const

/** What keeps a hook of the right shape, secrets put in, from being honoured. */
export function senseProblems(
  { metadata, spec }: Pick<EventHooks, 'metadata' | 'spec'>,
  problemOf: TemplateCheck,
): Problem[] {
  return [
    ...nameProblems(metadata),
    ...subjectProblems(spec.subject.toLowerCase()),
    ...addressProblems(spec),
    ...keywordProblems(spec.keywords),
    ...countedProblems(spec),
    ...notificationProblems(spec),
    ...templateProblems(spec, problemOf),
  ]
}

/** What is wrong with the name and the namespace of a resource. */
export function nameProblems(metadata: { name: string; namespace: string }): Problem[] {
  const problems: Problem[] = []
  const allowed = 'a Kubernetes name has lower-case letters, digits and "-"'
  if (!isObjectName(metadata.name))
    problems.push({ path: ['metadata', 'name'], problem: `it is "${clipped(metadata.name)}": ${allowed}` })
  if (!isNamespace(metadata.namespace))
    problems.push({
      path: ['metadata', 'namespace'],
      problem: `it is "${clipped(metadata.namespace)}": ${allowed}`,
    })
  return problems
}

function subjectProblems(subject: string): Problem[] {
  const path = ['spec', 'subject']
  const problem = patternProblem(subject)
  if (problem)
    return [{ path, problem: `it is "${clipped(subject)}", which is no subject pattern: ${problem}` }]
  const [first = ''] = subject.split('.')
  if (['ops', '*', '>'].includes(first)) return []
  return [{ path, problem: `it is "${clipped(subject)}", which no event has: all are below "ops."` }]
}

function countedProblems({ dedup, threshold }: HookSpec): Problem[] {
  const lists = { 'dedup.key': dedup?.key ?? [], 'threshold.groupBy': threshold?.groupBy ?? [] }
  return Object.entries(lists).flatMap(([field, names]) =>
    names.flatMap((name, index) => {
      const problem = nameProblem(name)
      return problem ? [{ path: ['spec', ...field.split('.'), index], problem }] : []
    }),
  )
}

/** What only makes sense where somebody is told. */
function notificationProblems({ type, resolve, template }: HookSpec): Problem[] {
  const instead = type === 'event' ? 'publishes the event as it is' : receivers[type].inside
  if (!instead) return []
  const given = { resolve: resolve === true, template: template !== undefined }
  return Object.entries(given)
    .filter(([, is]) => is)
    .map(([field]) => ({
      path: ['spec', field],
      problem: `it is about notifications, and type ${type} ${instead}: leave it out`,
    }))
}

function templateProblems({ type, template, options }: HookSpec, problemOf: TemplateCheck): Problem[] {
  const ofOptions = type === 'event' ? {} : (receivers[type].templates?.(options) ?? {})
  return [
    ...(template === undefined ? [] : templateProblem(['spec', 'template'], template, problemOf)),
    ...Object.entries(ofOptions).flatMap(([option, text]) =>
      templateProblem(['spec', 'options', option], text, problemOf),
    ),
  ]
}

function templateProblem(path: string[], text: string, problemOf: TemplateCheck): Problem[] {
  const problem = problemOf(text)
  return problem ? [{ path, problem }] : []
}

function keywordProblems(keywords: HookSpec['keywords']): Problem[] {
  if (!keywords) return []
  return (['include', 'exclude'] as const).flatMap(list => {
    const words = keywords[list]
    const path = ['spec', 'keywords', list]
    if (words.length > keywordLimits.entries)
      return [
        { path, problem: `it has ${words.length} entries, at most ${keywordLimits.entries} are allowed` },
      ]
    return words.flatMap((word, index) => {
      const problem = wordProblem(word, list, keywords.matchType)
      return problem ? [{ path: [...path, index], problem }] : []
    })
  })
}

function wordProblem(
  word: string,
  list: 'include' | 'exclude',
  matchType: 'CONTAINS' | 'EXACT' | 'REGEX',
): string | undefined {
  if (word.length > keywordLimits.characters)
    return `it has ${word.length} characters, at most ${keywordLimits.characters} are allowed`
  if (word === '' && list === 'exclude' && matchType !== 'EXACT')
    return 'it is empty, which is in every text: the hook would never fire'
  return matchType === 'REGEX' ? regexProblem(word) : undefined
}

function regexProblem(source: string): string | undefined {
  try {
    compilePattern(source)
    return undefined
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return `"${clipped(source)}" cannot be honoured as a regular expression, at position ${error.position}: ${error.reason}`
  }
}

const clipped = (text: string) => (text.length > 100 ? `${text.slice(0, 99)}…` : text)
