import { asksFor } from '../../shared/filter.ts'
import type { CompiledHook, HookSet } from '../../shared/hookset.ts'
import { type SubjectTrie, subjectTrie } from '../../shared/subject-trie.ts'
import { type Engine, engineOf } from './engine.ts'

/** What a set of hooks is made into, once. */
export type Rules = {
  engine: Engine<CompiledHook>
  byId: ReadonlyMap<string, CompiledHook>
  /** The hooks that have more to ask than subject and keywords; all others go straight on. */
  controlled: ReadonlySet<CompiledHook>
  /** Those of them whose filters ask for deletions, which fire no other hook. */
  deletions: ReadonlySet<CompiledHook>
  /** By subject those that want to know the end of a trouble: keywords name the trouble, so they say nothing about its end. */
  resolving: SubjectTrie<CompiledHook> | undefined
}

/** The rules of a set; patterns that the rules before it have compiled are taken over. */
export function rulesOf(set: HookSet, before: Rules | undefined): Rules {
  const engine = engineOf(set.hooks, before?.engine)
  const left = new Set(engine.refused.map(({ id }) => id))
  const hooks = set.hooks.filter(({ id }) => !left.has(id))
  const resolving = hooks.filter(({ resolve, suspend, type }) => resolve && !suspend && type !== 'event')
  return {
    engine,
    byId: new Map(hooks.map(hook => [hook.id, hook])),
    controlled: new Set(hooks.filter(isControlled)),
    deletions: new Set(hooks.filter(asksForDeletions)),
    resolving: resolving.length > 0 ? subjectTrie(resolving.map(hook => [hook.subject, hook])) : undefined,
  }
}

/** Do its filters ask for what was done to the event? A deletion fires no other hook. */
export const asksForDeletions = ({ filters = [] }: CompiledHook): boolean =>
  asksFor(filters, 'data.operation')

const isControlled = (hook: CompiledHook) =>
  Boolean(
    hook.filters ||
      hook.dedup ||
      hook.threshold ||
      hook.stormLimit !== undefined ||
      hook.resolve ||
      hook.suspend,
  )
