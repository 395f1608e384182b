import type { CompiledHook } from '../../shared/hookset.ts'
import { type Circle, circlesOf } from './circles.ts'
import type { Found, Resource } from './documents.ts'
import { type CompileWorld, compileHook } from './hook.ts'
import { judge, meantAs } from './judge.ts'
import { type Refusal, refusalOf, takenBy, unreadable } from './refusal.ts'
import { type Wanted, wantedBy } from './secret-ref.ts'

/** A hook in force and the file that it comes from. */
export type Placed = { file: string; hook: CompiledHook }

/** A resource that is nothing of ours. */
export type Ignored = { file: string; document: number | undefined; what: string }

/** What a hook wants of a Secret; `spec` is another one when the hook has changed. */
export type Want = Wanted & { hook: string; spec: string }

/** What follows from all files; the hooks in order of id. `waiting` are those whose Secrets are not read yet. */
export type Compiled = {
  placed: Placed[]
  refused: Refusal[]
  ignored: Ignored[]
  circles: Circle[]
  waiting: string[]
  wanted: Want[]
}

/**
 * Compiles what was found in all files, in their order. A hook that is refused now and was in force before stays in
 * force as it was; where it cannot be told which hook was meant, all those of the file do that are not in it any more.
 * What is simply gone is gone. A hook whose spec and secrets did not change stays the same object, seal included.
 */
export function compile(found: Found[], before: Placed[], world: CompileWorld): Compiled {
  const earlier = new Map(before.map(one => [one.hook.id, one]))
  const names = new Map<string, Resource>()
  const placed = new Map<string, Placed>()
  const refused: Refusal[] = []
  const ignored: Ignored[] = []
  const waiting: string[] = []
  const wanted: Want[] = []

  for (const one of found) {
    if ('problem' in one) refused.push(unreadable(one))
    else take(one)
  }
  const valid = new Set(placed.keys())
  for (const refusal of refused) {
    for (const old of before.filter(one => isMeant(one, refusal) && !valid.has(one.hook.id))) {
      placed.set(old.hook.id, old)
      refusal.kept.push(`${old.hook.id} ${old.hook.revision}`)
    }
  }
  const inForce = [...placed.values()].sort((a, b) => (a.hook.id < b.hook.id ? -1 : 1))
  return { placed: inForce, refused, ignored, circles: circlesOf(inForce), waiting, wanted }

  function take(resource: Resource): void {
    const { file, document } = resource
    if (meantAs(resource.value) !== 'hook') return
    const judged = judge(resource)
    if (judged.kind === 'ignored') {
      ignored.push({ file, document, what: judged.what })
      return
    }
    if (judged.kind === 'silence' || judged.kind === 'object') return
    const first = names.get(judged.id ?? '')
    if (first) {
      refused.push(refusalOf(resource, { ...judged, problems: [takenBy(first)] }))
      return
    }
    if (judged.id !== undefined) names.set(judged.id, resource)
    if (judged.kind === 'refused') {
      refused.push(refusalOf(resource, judged))
      return
    }
    const { id, hook } = judged
    const old = earlier.get(id)
    const want = wantedBy(hook)
    if (want) wanted.push({ ...want, hook: id, spec: JSON.stringify(hook.spec) })
    const made = compileHook(hook, { earlier: old?.hook, ...world })
    if ('hook' in made) placed.set(id, { file, hook: made.hook })
    else if ('problems' in made) refused.push(refusalOf(resource, { id, ...made }))
    else {
      waiting.push(id)
      if (old) placed.set(id, old)
    }
  }
}

const isMeant = ({ file, hook }: Placed, refusal: Refusal) =>
  refusal.hook === undefined ? refusal.file === file : refusal.hook === hook.id
