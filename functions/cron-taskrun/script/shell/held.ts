import type { Known } from './known.ts'
import { losers, nameOf, talkers } from './languages.ts'
import type { Command, Scan } from './pieces.ts'
import { readsOf } from './reads.ts'

/** Which of our values the variables of a script hold, by their names; parameters of functions and the like by their numbers. */
export type Held = Map<string, Set<string>>

const assignment = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=/
const array = /(?:^|[\s;&|(])([A-Za-z_]\w*)\+?=\(([^)]{0,2000})\)/g
const functions = /(?:^|[\s;&|{])(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\s*\)/g

/** Follows our values through assignments, loops, `read` and calls. `outer`: what a script around this one has. */
export function heldIn(found: Scan, text: string, about: { known: Known; outer: Held }): Held {
  const { commands } = found
  const called = new Set(['set', ...functionsIn(text)])
  const flows = [
    ...commands.flatMap(command => flowsOf(command, { text, called })),
    ...[...text.matchAll(array)].map(([, to = '', from = '']) => ({ to, from })),
    ...readsOfInput(commands, text),
  ]
  const held: Held = new Map([...about.outer].map(([name, ours]) => [name, new Set(ours)]))
  for (let before = -1; before !== sizeOf(held); ) {
    before = sizeOf(held)
    for (const { to, from } of flows) {
      const ours = oursIn(from, held, about.known)
      if (ours.size > 0) held.set(to, new Set([...(held.get(to) ?? []), ...ours]))
    }
  }
  return held
}

/** Names of the functions of a script. */
export const functionsIn = (text: string): string[] =>
  [...text.matchAll(functions)].map(([, name = '']) => name)

const sizeOf = (held: Held) => [...held.values()].reduce((sum, { size }) => sum + size, 0)

type Flow = { to: string; from: string }

function flowsOf({ words, strings }: Command, about: { text: string; called: Set<string> }): Flow[] {
  const raw = words.map(({ from, to }) => about.text.slice(from, to))
  const set = raw.flatMap(word => {
    const name = assignment.exec(word)
    return name?.[1] ? [{ to: name[1], from: word.slice(name[0].length) }] : []
  })
  const [first = '', name = ''] = raw
  if (/^(for|select)$/.test(first)) return [{ to: name, from: raw.slice(2).join(' ') }]
  const said = strings.map(({ from, to }) => about.text.slice(from, to)).join(' ')
  const reads = said === '' ? [] : readers(raw).map(to => ({ to, from: said }))
  const handed = parameters(words, about.called).map(({ from, to }, at) => ({
    to: String(at + 1),
    from: about.text.slice(from, to),
  }))
  return [...set, ...reads, ...handed]
}

/** The words that it hands on as parameters: to a function, or to `sh -c` behind its program. */
function parameters(words: Command['words'], names: Set<string>): Command['words'] {
  const at = words.slice(0, 3).findIndex(word => names.has(word.text))
  if (at >= 0) return losers.test(words[at]?.text ?? '') ? [] : words.slice(at + 1).filter(isNoEnd)
  const { argument } = readsOf({ ...nothing, words })
  const [program] = argument.find(({ is, pieces }) => is === 'shell' && pieces.length === 1)?.pieces ?? []
  const end = program?.units.at(-1)?.to ?? Number.POSITIVE_INFINITY
  return words.filter(({ from }) => from >= end).slice(1)
}

const isNoEnd = ({ text }: Command['words'][number]) => text !== '--'

const nothing = { documents: [], strings: [], targets: [], into: undefined, within: undefined }

/** Names that `read` and its like set. */
function readers(raw: string[]): string[] {
  const at = raw.findIndex(word => /^(read|mapfile|readarray)$/.test(word))
  return at < 0 ? [] : raw.slice(at + 1).filter(word => /^[A-Za-z_]\w*$/.test(word))
}

/** What `read` gets by a pipe, or at the end of its loop. */
function readsOfInput(commands: Command[], text: string): Flow[] {
  return commands.flatMap(({ words }) => {
    const names = readers(words.map(({ from, to }) => text.slice(from, to)))
    const [first] = words
    return first ? names.map(to => ({ to, from: inputAt(first.from, commands, text) })) : []
  })
}

function inputAt(place: number, commands: Command[], text: string): string {
  const start = Math.max(place - 200, 0)
  const pipe = /\|(?:\s|[({!]|while\b|until\b|if\b|IFS=\S*)*$/.exec(text.slice(start, place))
  if (!pipe) {
    const ends = commands.filter(({ words }) => words.length === 0)
    const said = ends.flatMap(({ documents, strings }) => [...documents, ...strings])
    const printed = text.slice(place).match(/done\s*<\s*<\([^\n]*/g) ?? []
    return [
      ...said.filter(({ from }) => from > place).map(({ from, to }) => text.slice(from, to)),
      ...printed,
    ].join(' ')
  }
  const end = start + pipe.index
  const line = text.lastIndexOf('\n', end) + 1
  const isGroup = /(?:[)}]|\b(?:done|fi|esac))\s*$/.test(text.slice(line, end))
  const from = isGroup && /^\s*(?:done|fi|esac|[)}])/.test(text.slice(line, end)) ? 0 : line
  const within = commands.filter(
    ({ words: [first], into }) => first && first.from >= from && first.from < end && (isGroup || into),
  )
  const documents = within.flatMap(command => command.documents).map(one => text.slice(one.from, one.to))
  return [
    ...within
      .filter(isTalker)
      .flatMap(command => command.words)
      .map(word => text.slice(word.from, word.to)),
    ...documents,
  ].join(' ')
}

const isTalker = ({ words: [first] }: Command) => first !== undefined && talkers.test(nameOf(first))

/** Which of our values are in what a shell makes of this. What other commands print is not: it is theirs. */
export function oursIn(raw: string, held: Held, { knows }: Pick<Known, 'knows'>): Set<string> {
  const printed = raw.replaceAll(
    /\$\((?!\()(?!\s*(?:echo|printf|cat\s*<<)[^|]{0,2000}?\))(?:[^()]|\([^()]*\))*\)/g,
    '',
  )
  const ours = new Set<string>()
  for (const [, whole = '', short = ''] of printed.matchAll(/\$\{([^{}\n]+)\}|\$\{?!?(\w+|[@*])/g)) {
    if (knows(whole)) ours.add(whole)
    const name = short || (/^!?([A-Za-z_]\w*|\d+|[@*])/.exec(whole)?.[1] ?? '')
    if (knows(name)) ours.add(name)
    for (const one of heldBy(name, held)) ours.add(one)
  }
  return ours
}

/** Which of our values a variable of the script holds. */
export const heldBy = (name: string, held: Held): Iterable<string> =>
  /^[@*]$/.test(name)
    ? [...held].flatMap(([of, ours]) => (/^\d+$/.test(of) ? [...ours] : []))
    : (held.get(name) ?? [])
