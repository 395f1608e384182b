import { isObject } from '../../shared/json.ts'
import { nameProblem } from '../../shared/named.ts'
import { nearest } from '../../shared/nearest.ts'
import type { Problem, SourceOf } from './shape.ts'
import { kindOf, otherType } from './value.ts'

/** Bounds of a hook's filters: with them each event is judged in a moment, whatever is written. */
export const filterLimits = { depth: 8, expressions: 100, characters: 1024 } as const

const words = ['exact', 'prefix', 'suffix', 'all', 'any', 'not']

/**
 * What is wrong with `spec.filters` as they are written, each at its place. Asked before the schema is: that goes into
 * any depth, and of a union it could only say that nothing in it fits.
 */
export function filterProblems(filters: unknown, sourceOf: SourceOf): Problem[] {
  if (!Array.isArray(filters)) return []
  const problems: Problem[] = []
  let expressions = 0
  const wrong = (path: PropertyKey[], problem: string) => problems.push({ path, problem })

  function look(value: unknown, path: PropertyKey[], depth: number): void {
    if (depth > filterLimits.depth) {
      wrong(path, `it is nested deeper than ${filterLimits.depth} levels`)
      return
    }
    if (++expressions > filterLimits.expressions) return
    if (!isObject(value)) {
      wrong(path, `it is ${kindOf(value)}, it has to be a map with one of ${words.join(', ')}`)
      return
    }
    const [word, ...more] = Object.keys(value)
    if (word === undefined) wrong(path, `it is empty, it has to have one of ${words.join(', ')}`)
    else if (more.length > 0)
      wrong(path, `it has ${[word, ...more].join(' and ')}, and one may stand in it: make each an entry`)
    else enter(word, value[word], [...path, word], depth)
  }

  function enter(word: string, value: unknown, path: PropertyKey[], depth: number): void {
    switch (word) {
      case 'exact':
      case 'prefix':
      case 'suffix':
        return texts(value, path)
      case 'not':
        return look(value, path, depth + 1)
      case 'all':
      case 'any':
        if (!Array.isArray(value)) wrong(path, `it is ${kindOf(value)}, it has to be a list`)
        else if (value.length === 0) wrong(path, 'it is empty')
        else for (const [index, one] of value.entries()) look(one, [...path, index], depth + 1)
        return
      default: {
        const meant = nearest(word, words)
        const hint = meant ? `did you mean "${meant}"?` : `there are ${words.join(', ')}`
        wrong(path, `there is no filter "${word}": ${hint}`)
      }
    }
  }

  function texts(value: unknown, path: PropertyKey[]): void {
    if (!isObject(value)) {
      wrong(path, `it is ${kindOf(value)}, it has to be a map of names and texts`)
      return
    }
    const entries = Object.entries(value)
    expressions += entries.length
    if (entries.length === 0) wrong(path, 'it is empty, it has to have a name and its text')
    for (const [name, text] of entries) {
      const at = [...path, name]
      const problem = nameProblem(name)
      if (problem) wrong(at, problem)
      else if (typeof text !== 'string')
        wrong(at, otherType({ path: at, value: text, wanted: 'string', source: sourceOf(at) }))
      else if (text === '') wrong(at, 'it is empty')
      else if (text.length > filterLimits.characters)
        wrong(at, `it has ${text.length} characters, at most ${filterLimits.characters} are allowed`)
      else if (isFieldOnly(name))
        wrong(at, `no event has an attribute "${name}": a field of the data is data.${name}`)
    }
  }

  for (const [index, one] of filters.entries()) look(one, ['spec', 'filters', index], 1)
  if (expressions <= filterLimits.expressions) return problems
  const many = `it has more than ${filterLimits.expressions} expressions`
  return [{ path: ['spec', 'filters'], problem: many }]
}

// Unlike in keys a bare name is an attribute or nothing. Where it can be none, or is what Kubernetes' events have in
// their data, the filter would never hold, and nobody would be told.
const attribute = /^[a-z0-9]+$/
const ofKubernetes = ['reason', 'message', 'operation']

const isFieldOnly = (name: string) =>
  !name.startsWith('data.') && (!attribute.test(name) || ofKubernetes.includes(name))
