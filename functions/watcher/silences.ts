import { type Silence, silenceProblems } from '../../shared/silence.ts'
import type { Found, Resource } from './documents.ts'
import { judge, meantAs } from './judge.ts'
import { type Refusal, refusalOf, takenBy } from './refusal.ts'
import { nameProblems } from './sense.ts'
import type { Problem } from './shape.ts'

/** A silence taken in and the file that it comes from. */
export type PlacedSilence = { file: string; silence: Silence }

/** What follows from all files for silences, in order of id. */
export type Silences = { placed: PlacedSilence[]; refused: Refusal[] }

/** The silences among what was found; one that is refused now, or cannot be read, stays as it was before. */
export function silencesIn(found: Found[], before: PlacedSilence[]): Silences {
  const names = new Map<string, Resource>()
  const placed = new Map<string, PlacedSilence>()
  const refused: Refusal[] = []
  for (const one of found) if (!('problem' in one) && meantAs(one.value) === 'silence') take(one)

  const unreadable = new Set(found.filter(one => 'problem' in one).map(({ file }) => file))
  const valid = new Set(placed.keys())
  for (const old of before.filter(({ silence }) => !valid.has(silence.id))) {
    const refusal = refused.find(({ silence }) => silence === old.silence.id)
    if (!refusal && !unreadable.has(old.file)) continue
    placed.set(old.silence.id, old)
    refusal?.kept.push(old.silence.id)
  }
  return {
    placed: [...placed.values()].sort((a, b) => (a.silence.id < b.silence.id ? -1 : 1)),
    refused,
  }

  function take(resource: Resource): void {
    const { file } = resource
    const judged = judge(resource)
    if (judged.kind !== 'silence' && judged.kind !== 'refused') return
    const refuse = (problems: Problem[]) =>
      void refused.push(
        refusalOf(resource, { ...(judged.id !== undefined && { id: judged.id }), of: 'silence', problems }),
      )
    const first = names.get(judged.id ?? '')
    if (first) return refuse([takenBy(first)])
    if (judged.id !== undefined) names.set(judged.id, resource)
    if (judged.kind === 'refused') return refuse(judged.problems)
    const { id, silence } = judged
    const { metadata, spec } = silence
    const problems = [
      ...nameProblems(metadata),
      ...silenceProblems(spec).map(({ path, problem }) => ({ path: ['spec', ...path], problem })),
    ]
    if (problems.length > 0) return refuse(problems)
    placed.set(id, { file, silence: { id, namespace: metadata.namespace, name: metadata.name, spec } })
  }
}
