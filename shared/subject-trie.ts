/** Many subject patterns, asked about one subject at once; the answers are those of `subjectMatches`. */
export type SubjectTrie<T> = {
  /** The values of all patterns that match, in no particular order. */
  matches(subject: string): T[]
  /** Does any pattern match? */
  any(subject: string): boolean
}

type Place<T> = {
  token: string
  /** The one place that a name leads to, compared in place; from the second name on all of them are in `named`. */
  only: Place<T> | undefined
  named: Map<string, Place<T>> | undefined
  star: Place<T> | undefined
  ends: T[] | undefined
  tails: T[] | undefined
}

/** A trie of subject patterns, token by token; what a question costs does not grow with patterns that lie elsewhere. */
export function subjectTrie<T>(entries: Iterable<[pattern: string, value: T]>): SubjectTrie<T> {
  const root = place<T>('')
  for (const [pattern, value] of entries) insert(root, pattern.split('.'), value)
  return {
    matches(subject) {
      const found: T[] = []
      collect(root, subject, 0, found)
      return found
    },
    any: subject => reaches(root, subject, 0),
  }
}

const place = <T>(token: string): Place<T> => ({
  token,
  only: undefined,
  named: undefined,
  star: undefined,
  ends: undefined,
  tails: undefined,
})

function insert<T>(root: Place<T>, tokens: string[], value: T) {
  let here = root
  for (const token of tokens) {
    if (token === '>') {
      here.tails ??= []
      here.tails.push(value)
      return
    }
    here = token === '*' ? starOf(here) : childOf(here, token)
  }
  here.ends ??= []
  here.ends.push(value)
}

function starOf<T>(from: Place<T>): Place<T> {
  from.star ??= place('*')
  return from.star
}

function childOf<T>(from: Place<T>, token: string): Place<T> {
  if (from.only?.token === token) return from.only
  const known = from.named?.get(token)
  if (known) return known
  const made = place<T>(token)
  if (from.named) from.named.set(token, made)
  else if (from.only) from.named = new Map([from.only, made].map(child => [child.token, child]))
  from.only = from.named ? undefined : made
  return made
}

// Both read the subject in place: splitting it would take longer than all the rest.

function collect<T>(here: Place<T>, subject: string, from: number, found: T[]) {
  if (here.tails) for (const value of here.tails) found.push(value)
  const end = subject.indexOf('.', from)
  const next = nextOf(here, subject, from, end)
  if (next) enter(next, subject, end, found)
  if (here.star) enter(here.star, subject, end, found)
}

function enter<T>(place: Place<T>, subject: string, end: number, found: T[]) {
  if (end >= 0) return collect(place, subject, end + 1, found)
  if (place.ends) for (const value of place.ends) found.push(value)
}

function reaches<T>(here: Place<T>, subject: string, from: number): boolean {
  if (here.tails) return true
  const end = subject.indexOf('.', from)
  const next = nextOf(here, subject, from, end)
  const onward = (place: Place<T>) => (end < 0 ? place.ends !== undefined : reaches(place, subject, end + 1))
  return (next !== undefined && onward(next)) || (here.star !== undefined && onward(here.star))
}

/** The place that the name between two offsets of the subject leads to. */
function nextOf<T>(here: Place<T>, subject: string, from: number, end: number): Place<T> | undefined {
  const { only, named } = here
  if (!only && !named) return undefined
  const to = end < 0 ? subject.length : end
  if (!only) return named?.get(subject.slice(from, to))
  return only.token.length === to - from && subject.startsWith(only.token, from) ? only : undefined
}
