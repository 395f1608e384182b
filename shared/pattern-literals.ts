import type { Node } from './pattern-syntax.ts'

// More words than this, and asking for one of them sifts out little; shorter words stand in nearly every text.
const most = 64
const shortest = 2

/** `exact`: all the texts a part can match, where they are few. `need`: words of which one is in whatever it matches. */
type Words = { exact?: string[] | undefined; need?: string[] | undefined }

/** Strings of which at least one stands in every text that matches, or undefined when none can be named. */
export function literalsOf(tree: Node): string[] | undefined {
  const need = needOf(wordsOf(tree))
  return need?.filter(word => !need.some(other => other !== word && word.includes(other)))
}

/** The better sieve of two: words that are rarer, then fewer. */
export function better(one: string[] | undefined, other: string[] | undefined): string[] | undefined {
  if (!one || !other) return one ?? other
  const difference = rarity(one) - rarity(other)
  if (difference !== 0) return difference > 0 ? one : other
  return one.length <= other.length ? one : other
}

// Long words are rare; "cluster: " is in every text and "Pod7" in few, so that marks count nothing and capitals double.
const rarity = (words: string[]) =>
  Math.min(...words.map(word => letters(word) + letters(word, /[\p{Lu}\p{N}]/gu)))
const letters = (word: string, of = /[\p{L}\p{N}]/gu) => word.match(of)?.length ?? 0
const least = (words: string[]) => Math.min(...words.map(word => word.length))
const usable = (words: string[] | undefined) =>
  words?.length && least(words) >= shortest ? words : undefined
const needOf = ({ exact, need }: Words) => better(need, usable(exact))
const few = (words: string[]) => (words.length <= most ? words : undefined)

function wordsOf(node: Node): Words {
  switch (node.kind) {
    case 'text':
      return { exact: [node.text] }
    case 'edge':
      return { exact: [''] }
    case 'one':
    case 'look':
      return {}
    case 'choice':
      return ofChoice(node.options.map(wordsOf))
    case 'repeat':
      return ofRepeat(wordsOf(node.of), node.min, node.max)
    case 'sequence':
      return ofSequence(node.parts.map(wordsOf))
  }
}

function ofChoice(options: Words[]): Words {
  const exact = options.flatMap(({ exact }) => exact ?? [])
  const need = options.flatMap(option => needOf(option) ?? [])
  return {
    exact: options.every(option => option.exact) ? few([...new Set(exact)]) : undefined,
    need: options.every(needOf) ? few([...new Set(need)]) : undefined,
  }
}

function ofRepeat(of: Words, min: number, max: number): Words {
  if (max === 1) return min === 1 ? of : { exact: of.exact && few([...new Set(['', ...of.exact])]) }
  return min > 0 ? { need: needOf(of) } : {}
}

// Exact parts side by side are joined into a run for as long as its variants stay few; the best run or part remains.
function ofSequence(parts: Words[]): Words {
  let run = ['']
  let whole = true
  let need: string[] | undefined
  for (const part of parts) {
    const joined = part.exact && run.length * part.exact.length <= most ? part.exact : undefined
    if (joined) {
      run = run.flatMap(start => joined.map(end => start + end))
      continue
    }
    whole = false
    need = better(better(need, usable(run)), needOf(part))
    run = part.exact ?? ['']
  }
  const distinct = [...new Set(run)]
  return whole ? { exact: distinct } : { need: better(need, usable(distinct)) }
}
