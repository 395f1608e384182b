import type { HookSet } from '../../shared/hookset.ts'
import { type SubjectTrie, subjectTrie } from '../../shared/subject-trie.ts'

/** The hooks in force, and what their subjects cover. */
export type Coverage = {
  /** Resolves with the first set: before it all might be covered. */
  known: Promise<void>
  put(set: HookSet): void
  /** The hooks in force; undefined before the first set. */
  hooks(): HookSet['hooks'] | undefined
  covers(subject: string): boolean
  /** The patterns that match, each once however many hooks have it. */
  patternsOf(subject: string): string[]
}

/** Nothing is known of them yet. */
export function coverageOf(): Coverage {
  const { promise: known, resolve } = Promise.withResolvers<void>()
  let covering: SubjectTrie<string> | undefined
  let hooks: HookSet['hooks'] | undefined
  return {
    known,
    put(set) {
      hooks = set.hooks
      const patterns = new Set(set.hooks.map(({ subject }) => subject))
      covering = subjectTrie([...patterns].map(pattern => [pattern, pattern]))
      resolve()
    },
    hooks: () => hooks,
    covers: subject => covering?.any(subject) ?? true,
    patternsOf: subject => covering?.matches(subject) ?? [],
  }
}
