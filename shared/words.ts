/**
 * Words for full text, cut by ourselves: the text searches of databases know neither Chinese nor the names of images,
 * and each server has other dictionaries.
 */

/** One word of a question; with `beginning` every word that begins with it is meant. */
export type Asked = { word: string; beginning: boolean }

/** What is looked at of a text, how many words are kept of it, and how long they are, in characters. */
const most = { text: 16_384, words: 400, asked: 32, letters: 64 } as const

/** From here on the beginning of a word says enough. */
const fewestLetters = 3

/**
 * The words by which a text is found, each once: lower-cased runs of letters and digits, versions and addresses
 * (`10.0.0.7`, `v1.2.3`) as a whole too, and of Chinese, Japanese and Korean each two neighbouring characters.
 */
export function wordsOf(text: string): string[] {
  const found = new Set<string>()
  for (const [run] of plain(text, most.text).matchAll(runs)) {
    if (found.size >= most.words) break
    for (const word of storedOf(run)) found.add(cut(word))
  }
  return [...found].slice(0, most.words)
}

/**
 * The words of a question, all of which a text has to have: their beginnings are enough from three letters on, and of
 * a version or an address the beginning of the whole, such as `10.244.1`. Empty where `q` has none.
 */
export function wordsAsked(q: string): Asked[] {
  const found = new Map<string, Asked>()
  for (const [run] of plain(q, most.text).matchAll(runs)) {
    for (const asked of askedOf(run)) found.set(asked.word, asked)
    if (found.size >= most.asked) break
  }
  return [...found.values()].slice(0, most.asked)
}

/** Words as PostgreSQL reads a `tsvector`. */
export const tsvectorText = (words: string[]): string => words.map(quoted).join(' ')

/** Asked words as PostgreSQL reads a `tsquery`: all of them. */
export const tsqueryText = (asked: Asked[]): string =>
  asked.map(({ word, beginning }) => `${quoted(word)}${beginning ? ':*' : ''}`).join(' & ')

const script = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}`
const sign = String.raw`[[\p{L}\p{N}\p{M}]--[${script}]]`
// A run of characters that stand alone, or of others with dots in between.
const runs = new RegExp(String.raw`[${script}]+|${sign}+(?:\.${sign}+)*`, 'gv')
const standsAlone = new RegExp(`^[${script}]`, 'v')

// Full-width forms and ligatures are what they mean.
const plain = (text: string, length: number) => text.slice(0, length).normalize('NFKC').toLowerCase()

function storedOf(run: string): string[] {
  // The last one alone too, so that each begins a word.
  if (standsAlone.test(run)) return [...pairsOf(run), [...run].at(-1) ?? '']
  return partsOf(run).flatMap(part => [part, ...(part.includes('.') ? part.split('.') : [])])
}

function askedOf(run: string): Asked[] {
  if (standsAlone.test(run)) {
    const pairs = pairsOf(run)
    return pairs.length > 0
      ? pairs.map(word => ({ word, beginning: false }))
      : [{ word: run, beginning: true }]
  }
  return partsOf(run).map(part => ({ word: cut(part), beginning: part.length >= fewestLetters }))
}

// `1.2.3.final` -> 1.2.3, final. Single numbers are in every other text: together they say much more.
const partsOf = (run: string): string[] => run.match(/v?\p{N}[^.]*(?:\.\p{N}[^.]*)*|[^.]+/gu) ?? []

function pairsOf(run: string): string[] {
  const characters = [...run]
  return characters.slice(1).map((character, at) => `${characters[at]}${character}`)
}

const cut = (word: string) => (word.length > most.letters ? word.slice(0, most.letters).toWellFormed() : word)

// Letters and digits have nothing to escape; this holds whatever the words are.
const quoted = (word: string) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
