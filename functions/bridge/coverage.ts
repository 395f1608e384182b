import type { HookSet } from '../../shared/hookset.ts'
import { type SubjectTrie, subjectTrie } from '../../shared/subject-trie.ts'

/** What the subjects of the hooks in force cover. `known` resolves with the first set: before it all might be. */
export function coverageOf(): {
  known: Promise<void>
  put(set: HookSet): void
  covers(subject: string): boolean
} {
  const { promise: known, resolve } = Promise.withResolvers<void>()
  let covering: SubjectTrie<string> | undefined
  return {
    known,
    put(set) {
      covering = subjectTrie(set.hooks.map(hook => [hook.subject, hook.id]))
      resolve()
    },
    covers: subject => covering?.any(subject) ?? true,
  }
}
