import type { MatchMode, MatchType } from '../../shared/hook-words.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { compilePattern } from '../../shared/pattern.ts'

/** What of a hook decides over a text. */
export type Rule = Pick<CompiledHook, 'include' | 'exclude' | 'matchMode' | 'matchType'>

/** Whether a hook fires, and the reason as people read it. */
export type Verdict = { fires: true; because: string } | { fires: false; because: string }

/**
 * Does a hook with this rule fire for this text? Case-sensitive, over the whole text; any exclude blocks.
 * @throws PatternError for a keyword of type REGEX that cannot be compiled
 */
export function judge(rule: Rule, text: string): Verdict {
  const stands = standing[rule.matchType]
  return decide(rule, keyword => stands(keyword, text))
}

/** The same when it is known in another way which keywords stand in the text: excludes first, then the mode. */
export function decide({ include, exclude, matchMode }: Rule, stands: (keyword: string) => boolean): Verdict {
  const blocking = exclude.find(keyword => stands(keyword))
  if (blocking !== undefined) return { fires: false, because: `excluded by "${blocking}"` }
  if (include.length > 0) return modes[matchMode](include, stands)
  return { fires: true, because: exclude.length > 0 ? 'nothing excludes it' : 'no keywords' }
}

const standing = {
  CONTAINS: (keyword, text) => text.includes(keyword),
  EXACT: (keyword, text) => text === keyword,
  REGEX: (keyword, text) => compilePattern(keyword).test(text),
} satisfies Record<MatchType, (keyword: string, text: string) => boolean>

const modes = {
  ANY(include, stands) {
    const found = include.find(keyword => stands(keyword))
    if (found === undefined) return { fires: false, because: `no ${list(include, 'or')}` }
    return { fires: true, because: `has "${found}"` }
  },
  ALL(include, stands) {
    const missing = include.find(keyword => !stands(keyword))
    if (missing !== undefined) return { fires: false, because: `no "${missing}"` }
    return { fires: true, because: `has ${list(include, 'and')}` }
  },
} satisfies Record<MatchMode, (include: string[], stands: (keyword: string) => boolean) => Verdict>

const list = (words: string[], last: string) => words.map(word => `"${word}"`).join(` ${last} `)
