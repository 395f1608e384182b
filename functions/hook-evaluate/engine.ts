import type { MatchType } from '../../shared/hook-words.ts'
import type { Pattern } from '../../shared/pattern.ts'
import { subjectMatches } from '../../shared/subject.ts'
import { subjectTrie } from '../../shared/subject-trie.ts'
import { wordFinder } from './aho-corasick.ts'
import { admitted, type EngineHook, type Group, groupsOf, wordsOf } from './hook-index.ts'
import { decide, type Verdict } from './match.ts'
import { triggerOf } from './trigger.ts'

/** A hook that fires, and why. */
export type Firing<H> = { hook: H; because: string }

/** Which hooks fire for an event, whatever their number. */
export type Engine<H> = {
  /** Does any hook want events of this subject? */
  covers(subject: string): boolean
  /** The hooks that fire, in the order they were given. The text is asked for only where some hook needs it. */
  firing(subject: string, text: () => string): Firing<H>[]
  /** Every hook's verdict, in the order they were given. */
  explain(subject: string, text: string): { hook: H; verdict: Verdict }[]
  /** Hooks that were left out since a pattern of theirs cannot be compiled. */
  refused: { id: string; because: string }[]
  /** The regular expressions in use, for the engine that follows this one. */
  patterns: ReadonlyMap<string, Pattern>
}

/**
 * An engine over hooks: a trie of their subjects, one pass over the text for all their words, and then only the hooks
 * that are left, from the smaller side: those of the matching subjects, or those of the words that were found.
 *
 * `before` is the engine it follows: patterns it has compiled are taken over.
 */
export function engineOf<H extends EngineHook>(
  given: readonly H[],
  before?: Pick<Engine<H>, 'patterns'>,
): Engine<H> {
  const { hooks, patterns, refused } = admitted(given, before?.patterns)
  const triggers = hooks.map(hook => triggerOf(hook, patterns))
  const groups = groupsOf(hooks, triggers)
  const groupOf = hooks.map(hook => groups.get(hook.subject))
  const subjects = subjectTrie(groups)
  const { words, wordOf } = wordsOf(hooks, triggers, patterns)
  const finder = wordFinder(words)
  const triggerWords = triggers.map(trigger => trigger?.map(word => wordOf.get(word) ?? -1) ?? [])
  const waitingFor: number[][] = words.map(() => [])
  for (const [hook, trigger] of triggerWords.entries())
    for (const word of trigger) waitingFor[word]?.push(hook)
  const regexes = new Map([...patterns.values()].map(pattern => [pattern.source, regexOf(pattern, wordOf)]))
  const taken = new Uint8Array(hooks.length)

  let text = ''
  let event = 0
  const found = (word: string) => finder.found(wordOf.get(word) ?? -1)
  const stands = {
    CONTAINS: keyword => keyword === '' || found(keyword),
    EXACT: keyword => text === keyword,
    REGEX: keyword => regexStands(keyword),
  } satisfies Record<MatchType, (keyword: string) => boolean>

  function regexStands(source: string): boolean {
    const regex = regexes.get(source)
    if (!regex) return false
    if (regex.literals && !regex.literals.some(finder.found)) return false
    if (regex.event !== event) {
      regex.event = event
      regex.stands = regex.pattern.test(text)
    }
    return regex.stands
  }

  function candidates(matched: Group[], hits: readonly number[]): number[] {
    const left: number[] = []
    let bySubject = 0
    let byWord = 0
    for (const group of matched) {
      for (const hook of group.always) left.push(hook)
      bySubject += group.waiting.length
    }
    for (const word of hits) byWord += waitingFor[word]?.length ?? 0
    if (bySubject <= byWord) ofSubjects(matched, left)
    else ofWords(hits, matched, left)
    return left.length > 1 ? left.sort((a, b) => a - b) : left
  }

  function ofSubjects(matched: Group[], left: number[]) {
    for (const group of matched) {
      for (const hook of group.waiting) if (triggerWords[hook]?.some(finder.found)) left.push(hook)
    }
  }

  function ofWords(hits: readonly number[], matched: Group[], left: number[]) {
    const before = left.length
    for (const group of matched) group.matched = true
    for (const word of hits) {
      for (const hook of waitingFor[word] ?? []) {
        if (taken[hook] || !groupOf[hook]?.matched) continue
        taken[hook] = 1
        left.push(hook)
      }
    }
    for (const group of matched) group.matched = false
    for (let index = before; index < left.length; index++) taken[left[index] ?? 0] = 0
  }

  function verdictOf(hook: H): Verdict {
    return decide(hook, stands[hook.matchType])
  }

  function read(of: string): readonly number[] {
    text = of
    event++
    return finder.search(of)
  }

  return {
    refused,
    patterns,
    covers: subject => subjects.any(subject),
    firing(subject, textOf) {
      const matched = subjects.matches(subject)
      if (matched.length === 0) return []
      const hits = read(matched.some(group => group.asksText) ? textOf() : '')
      const firing: Firing<H>[] = []
      for (const index of candidates(matched, hits)) {
        const hook = hooks[index]
        if (!hook) continue
        const { fires, because } = verdictOf(hook)
        if (fires) firing.push({ hook, because })
      }
      return firing
    },
    explain(subject, text) {
      read(text)
      return hooks.map(hook => ({
        hook,
        verdict: subjectMatches(hook.subject, subject)
          ? verdictOf(hook)
          : { fires: false, because: `subject "${subject}" is not in "${hook.subject}"` },
      }))
    },
  }
}

/** A regular expression, the indexes of its literals, and what it said of the last event it was asked about. */
function regexOf(pattern: Pattern, wordOf: ReadonlyMap<string, number>) {
  return {
    pattern,
    literals: pattern.literals?.map(word => wordOf.get(word) ?? -1),
    event: -1,
    stands: false,
  }
}
