import { compilePattern, type Pattern, PatternError } from '../../shared/pattern.ts'
import type { Rule } from './match.ts'

/** What of a hook the engine needs; it hands the hook itself back. */
export type EngineHook = Rule & { id: string; subject: string }

/** The hooks of one subject pattern, by index: those that any text may fire, and those that wait for a word. */
export type Group = { always: number[]; waiting: number[]; asksText: boolean; matched: boolean }

/** The hooks whose patterns can be compiled, with these patterns by source; the others with the reason. */
export function admitted<H extends EngineHook>(given: readonly H[], before?: ReadonlyMap<string, Pattern>) {
  const patterns = new Map<string, Pattern>()
  const refused: { id: string; because: string }[] = []
  const hooks = given.filter(hook => {
    if (hook.matchType !== 'REGEX') return true
    try {
      for (const source of [...hook.include, ...hook.exclude]) {
        if (!patterns.has(source)) patterns.set(source, before?.get(source) ?? compilePattern(source))
      }
      return true
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      refused.push({ id: hook.id, because: error.message })
      return false
    }
  })
  return { hooks, patterns, refused }
}

/** The hooks by subject pattern, as indexes. */
export function groupsOf(hooks: readonly EngineHook[], triggers: readonly (string[] | undefined)[]) {
  const groups = new Map<string, Group>()
  for (const [index, hook] of hooks.entries()) {
    let group = groups.get(hook.subject)
    if (!group) {
      group = { always: [], waiting: [], asksText: false, matched: false }
      groups.set(hook.subject, group)
    }
    const side = triggers[index] ? group.waiting : group.always
    side.push(index)
    group.asksText ||= hook.include.length > 0 || hook.exclude.length > 0
  }
  return groups
}

/** The distinct words that one pass over a text should look for, and the index of each. */
export function wordsOf(
  hooks: readonly EngineHook[],
  triggers: readonly (string[] | undefined)[],
  patterns: ReadonlyMap<string, Pattern>,
) {
  const wordOf = new Map<string, number>()
  const words: string[] = []
  const add = (word: string) => {
    if (word === '' || wordOf.has(word)) return
    wordOf.set(word, words.length)
    words.push(word)
  }
  for (const trigger of triggers) trigger?.forEach(add)
  for (const { literals } of patterns.values()) literals?.forEach(add)
  for (const { matchType, include, exclude } of hooks) {
    if (matchType !== 'CONTAINS') continue
    include.forEach(add)
    exclude.forEach(add)
  }
  return { words, wordOf }
}
