import type { CompiledHook } from '../../shared/hookset.ts'
import type { Found, Resource } from './documents.ts'
import { compileHook } from './hook.ts'
import { judge } from './judge.ts'
import { type Refusal, refusalOf, takenBy, unreadable } from './refusal.ts'
import type { Sealing } from './sealing.ts'

/** A hook in force and the file that it comes from. */
export type Placed = { file: string; hook: CompiledHook }

/** A resource that is no hook; `ours` is of a kind that other versions handle. */
export type Ignored = { file: string; document: number | undefined; what: string; ours: boolean }

/** What follows from all files; the hooks in order of id. */
export type Compiled = { placed: Placed[]; refused: Refusal[]; ignored: Ignored[] }

/**
 * Compiles what was found in all files, in their order. A hook that is refused now and was in force before stays in
 * force as it was; where it cannot be told which hook was meant, all those of the file do that are not in it any more.
 * What is simply gone is gone. A hook whose spec did not change stays the same object, seal included.
 */
export function compile(found: Found[], before: Placed[], sealing: Sealing): Compiled {
  const earlier = new Map(before.map(({ hook }) => [hook.id, hook]))
  const names = new Map<string, Resource>()
  const placed = new Map<string, Placed>()
  const refused: Refusal[] = []
  const ignored: Ignored[] = []

  for (const one of found) {
    const outcome = 'problem' in one ? unreadable(one) : taken(one)
    if ('problems' in outcome) refused.push(outcome)
    else if ('hook' in outcome) placed.set(outcome.hook.id, outcome)
    else ignored.push(outcome)
  }
  const valid = new Set(placed.keys())
  for (const refusal of refused) {
    for (const old of before.filter(one => isMeant(one, refusal) && !valid.has(one.hook.id))) {
      placed.set(old.hook.id, old)
      refusal.kept.push(`${old.hook.id} ${old.hook.revision}`)
    }
  }
  return { placed: [...placed.values()].sort((a, b) => (a.hook.id < b.hook.id ? -1 : 1)), refused, ignored }

  function taken(resource: Resource): Placed | Refusal | Ignored {
    const { file, document } = resource
    const judged = judge(resource)
    if (judged.kind === 'ignored') return { file, document, what: judged.what, ours: judged.ours }
    const first = names.get(judged.id ?? '')
    if (first) return refusalOf(resource, { ...judged, problems: [takenBy(first)] })
    if (judged.id !== undefined) names.set(judged.id, resource)
    if (judged.kind === 'refused') return refusalOf(resource, judged)
    const made = compileHook(judged.hook, { earlier: earlier.get(judged.id), sealing })
    return 'hook' in made ? { file, hook: made.hook } : refusalOf(resource, { id: judged.id, ...made })
  }
}

const isMeant = ({ file, hook }: Placed, refusal: Refusal) =>
  refusal.hook === undefined ? refusal.file === file : refusal.hook === hook.id
