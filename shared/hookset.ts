import { z } from 'zod'
import { Filter } from './filter.ts'
import { HookType, MatchMode, MatchType } from './hook-words.ts'

/**
 * A hook as functions read it: everything that matching needs in the open, and where and how to send sealed, so
 * that neither Redis nor the bus shows it.
 */
export const CompiledHook = z.object({
  /** `namespace/name` */
  id: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** Changes whenever the spec does. */
  revision: z.string(),
  type: HookType,
  /** Lower-cased pattern in NATS syntax. */
  subject: z.string(),
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  matchMode: MatchMode,
  matchType: MatchType,
  /** Of type `event` only: the target in lower case, a subject or a template of one. */
  target: z.string().optional(),
  filters: z.array(Filter).optional(),
  /** Windows in milliseconds. */
  dedup: z.object({ window: z.number(), key: z.array(z.string()) }).optional(),
  threshold: z.object({ count: z.number(), window: z.number(), groupBy: z.array(z.string()) }).optional(),
  /** Firings a minute above which digests go out; absent where there is no limit. */
  stormLimit: z.number().optional(),
  resolve: z.literal(true).optional(),
  suspend: z.literal(true).optional(),
  /** base64 of the sealed `Destination` below. */
  sealed: z.string(),
})
export type CompiledHook = z.infer<typeof CompiledHook>

/** Of which shape compiled hooks are, a hash of the above: versions of ours that differ in it share no cache. */
export const compiledShape = '27f3d644'

/** What is sealed in a compiled hook. */
export const Destination = z.object({
  url: z.string(),
  options: z.record(z.string(), z.string()),
  additional: z.string(),
  /** Liquid. */
  template: z.string().optional(),
})
export type Destination = z.infer<typeof Destination>

/** All hooks in force, in order of id. The revision is a hash of them: the same hooks have the same one. */
export const HookSet = z.object({ revision: z.string(), hooks: z.array(CompiledHook) })
export type HookSet = z.infer<typeof HookSet>

/** What is made of a set, kept until another set comes; `before` is what was made of the one before it. */
export function oncePerSet<T>(make: (set: HookSet, before: T | undefined) => T): (set: HookSet) => T {
  let last: { set: HookSet; made: T } | undefined
  return set => {
    if (last?.set !== set) last = { set, made: make(set, last?.made) }
    return last.made
  }
}
