import { hole } from '../../../shared/template.ts'

/** A template, and how often it was seen. */
export type Weighed = { text: string; count: number }
/** What is common to some templates; `variants` of them. */
export type Mined = { template: string; count: number; variants: number }

/** From what share of equal words on two are one. */
const alike = 0.6
/** So many words from the beginning are steps of the tree, so many words may stand at one, and so many groups at its end. */
const tree = { steps: 1, words: 100, groups: 100 }

type Group = { words: string[]; count: number; variants: number }

/**
 * Merges templates that differ in a few words (Drain: Pinjia He and others, ICWS 2017): a tree of fixed depth, by the number
 * of words and the first of them, leads to a few groups, of which the most alike takes it in. The groups do not depend
 * on the order of the templates. The most frequent first.
 */
export function drain(templates: Weighed[]): Mined[] {
  const leaves = new Map<string, Group[]>()
  const firsts = new Set<string>()
  // Its result depends on the order, so there is one: what is said most is what others are compared with.
  const sorted = templates.toSorted((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
  for (const { text, count } of sorted) {
    const words = text.split(' ')
    const key = leafOf(words, firsts)
    const groups = leaves.get(key) ?? []
    leaves.set(key, groups)
    const group = mostAlike(groups, words)
    if (group) {
      group.words = group.words.map((word, at) => (word === words[at] ? word : hole))
      group.count += count
      group.variants++
    } else if (groups.length < tree.groups) groups.push({ words, count, variants: 1 })
    else other(groups, words.length, count)
  }
  return [...leaves.values()]
    .flat()
    .map(({ words, count, variants }) => ({ template: words.join(' '), count, variants }))
    .sort((a, b) => b.count - a.count || (a.template < b.template ? -1 : 1))
}

/** The last group of a leaf that is full takes in whatever has as many words. */
function other(groups: Group[], length: number, count: number): void {
  const last = groups.at(-1)
  if (!last) return
  last.words = new Array<string>(length).fill(hole)
  last.count += count
  last.variants++
}

function leafOf(words: string[], firsts: Set<string>): string {
  const steps = words.slice(0, tree.steps).map(word => {
    if (word.includes(hole)) return hole
    if (!firsts.has(word) && firsts.size >= tree.words) return hole
    firsts.add(word)
    return word
  })
  return JSON.stringify([words.length, ...steps])
}

function mostAlike(groups: Group[], words: string[]): Group | undefined {
  let best: Group | undefined
  let most = 0
  for (const group of groups) {
    const equal = group.words.filter((word, at) => word === words[at]).length / words.length
    if (equal >= alike && equal > most) [best, most] = [group, equal]
  }
  return best
}
