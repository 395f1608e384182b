import type { CompiledHook } from '../../shared/hookset.ts'
import { patternCovers } from '../../shared/subject.ts'
import { subjectTrie } from '../../shared/subject-trie.ts'
import type { Placed } from './compile.ts'
import { madeFrom, tellsApart } from './target.ts'

/** A hook that is in force, and is in a circle with others. */
export type Circle = { file: string; hook: string; problem: string }

/** More subjects of hooks of type event than anybody writes by hand: then nobody reads of circles either. */
const mostSubjects = 1_000
const mostNamed = 3

/**
 * The hooks of type event that surely feed each other: of each, all that it publishes comes to the next. They are in
 * force all the same, since an event goes round only once: no hook judges what came of its own output.
 */
export function circlesOf(placed: Placed[]): Circle[] {
  const feeding = placed.filter(
    ({ hook }) => hook.target !== undefined && !hook.suspend && !tellsApart(hook.filters),
  )
  const subjects = new Set(feeding.map(({ hook }) => hook.subject))
  if (subjects.size < 2 || subjects.size > mostSubjects) return []
  const trie = subjectTrie([...subjects].map(subject => [subject, subject]))
  const fedBy = new Map(feeding.map(({ hook }) => [hook, takingIn(hook)]))
  const edges = new Map([...subjects].map(subject => [subject, new Set<string>()]))
  for (const [{ subject }, taking] of fedBy) for (const one of taking) edges.get(subject)?.add(one)

  const circleOf = circlesIn(edges)
  const circles = new Map<number | undefined, Placed[]>()
  for (const one of feeding) {
    const circle = circleOf.get(one.hook.subject)
    const goesRound = fedBy.get(one.hook)?.some(subject => circleOf.get(subject) === circle)
    if (goesRound) circles.set(circle, (circles.get(circle) ?? []).concat(one))
  }
  return [...circles.values()].flatMap(members =>
    members.map(({ file, hook }) => ({ file, hook: hook.id, problem: inWords(hook, members) })),
  )

  function takingIn({ subject, target = '' }: CompiledHook): string[] {
    const made = madeFrom(subject, target)
    // Wildcards of what is asked for are names to the trie; only a ">" is more than it can take for one.
    return trie.matches(made).filter(one => one !== subject && patternCovers(one, made))
  }
}

function inWords(hook: CompiledHook, members: Placed[]): string {
  // Of thousands nobody wants to read the names.
  const others = members.slice(0, mostNamed + 1).filter(other => other.hook !== hook)
  const named = others.slice(0, mostNamed).map(other => `"${other.hook.id}"`)
  const more = members.length - 1 - named.length
  const all = more > 0 ? [...named, `${more} more`] : named
  return `it and ${all.join(' and ')} feed each other: each event goes round once before it is stopped`
}

/** Of each node the circle that it is in, which nodes in none share with nobody (Tarjan's components). */
function circlesIn(edges: ReadonlyMap<string, ReadonlySet<string>>): Map<string, number> {
  const found = new Map<string, number>()
  const seen = new Map<string, number>()
  const path: string[] = []

  function visit(node: string): number {
    const index = seen.size
    let lowest = index
    seen.set(node, index)
    path.push(node)
    for (const next of edges.get(node) ?? []) {
      if (found.has(next)) continue
      lowest = Math.min(lowest, seen.get(next) ?? visit(next))
    }
    if (lowest === index) for (const member of path.splice(path.indexOf(node))) found.set(member, index)
    return lowest
  }

  for (const node of edges.keys()) if (!seen.has(node)) visit(node)
  return found
}
