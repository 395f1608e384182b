import type { EventHooks, HookSpec } from '../../shared/hook.ts'
import { compilePattern, PatternError } from '../../shared/pattern.ts'
import { patternProblem } from '../../shared/subject.ts'
import type { Problem } from './shape.ts'
import { targetProblem } from './target.ts'

/** Bounds of a hook's keywords: with them a set of ten thousand hooks stays in memory and fast to ask. */
export const keywordLimits = { entries: 100, characters: 1024 } as const

/** What keeps a hook of the right shape from being honoured. */
export function senseProblems({ metadata, spec }: Pick<EventHooks, 'metadata' | 'spec'>): Problem[] {
  return [
    ...nameProblems(metadata),
    ...subjectProblems(spec.subject.toLowerCase()),
    ...urlProblems(spec),
    ...keywordProblems(spec.keywords),
  ]
}

// RFC 1123 as Kubernetes takes it: names of files and of the cluster are the same then.
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const name = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

function nameProblems(metadata: { name: string; namespace: string }): Problem[] {
  const problems: Problem[] = []
  const allowed = 'a Kubernetes name has lower-case letters, digits and "-"'
  if (metadata.name.length > 253 || !name.test(metadata.name))
    problems.push({ path: ['metadata', 'name'], problem: `it is "${clipped(metadata.name)}": ${allowed}` })
  if (metadata.namespace.length > 63 || !label.test(metadata.namespace))
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

function urlProblems(spec: HookSpec): Problem[] {
  const path = ['spec', 'url']
  switch (spec.type) {
    case 'event': {
      const problem = targetProblem(spec.url.toLowerCase(), spec.subject.toLowerCase())
      return problem ? [{ path, problem }] : []
    }
    case 'webhook':
    case 'xiezuo': {
      const url = URL.parse(spec.url)
      if (url && /^https?:$/.test(url.protocol)) return []
      return [{ path, problem: `${unlike(url)}, it has to be http://host/path or https://host/path` }]
    }
  }
}

// The scheme is all of a url that a message may show.
const unlike = (url: URL | null) => (url ? `it is a "${url.protocol}" address` : 'it is no web address')

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
