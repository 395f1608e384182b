import type { MatchType } from '../../shared/hook-words.ts'
import type { Pattern } from '../../shared/pattern.ts'
import { better } from '../../shared/pattern-literals.ts'
import type { Rule } from './match.ts'

// A text that is looked for as a whole is told by its beginning.
const enough = 64

/** Words of which at least one stands in every text a rule fires for, or undefined when none can be named. */
export function triggerOf(
  { include, matchMode, matchType }: Rule,
  patterns: ReadonlyMap<string, Pattern>,
): string[] | undefined {
  const needs = include.map(keyword => needed[matchType](keyword, patterns))
  if (matchMode === 'ALL') return needs.reduce(better, undefined)
  const all = needs.flatMap(words => words ?? [])
  return needs.length > 0 && needs.every(words => words) ? [...new Set(all)] : undefined
}

const needed = {
  CONTAINS: keyword => (keyword ? [keyword] : undefined),
  EXACT: keyword => (keyword ? [keyword.slice(0, enough)] : undefined),
  REGEX: (keyword, patterns) => patterns.get(keyword)?.literals,
} satisfies Record<
  MatchType,
  (keyword: string, patterns: ReadonlyMap<string, Pattern>) => string[] | undefined
>
