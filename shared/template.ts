import { hash } from 'node:crypto'
import { varies } from './varies.ts'

/** What a message says without what varies in it, and a short name for that. */
export type Template = { id: string; text: string }

/** Stands for what varies. */
export const hole = '<*>'

/** So many characters of a message are looked at, and so many of a template are kept. */
const most = { looked: 2_000, kept: 500 }

/**
 * The template of a message: `Failed to pull image "foo:1.2.3"` is `Failed to pull image "<*>"`. What varies: a word with a
 * digit in it (numbers, addresses, times, sizes, versions, uids, hashes), a path, a URL, an image, a name that ends as those
 * of pods do, what stands behind `=`, one word in quotes, what stands in brackets. Several in a row are one. Every process
 * finds the same, in a time that grows with the length of what is looked at. Undefined where the message says nothing.
 */
export function templateOf(message: string): Template | undefined {
  const masked = mask(message.slice(0, most.looked))
  const text = (masked.length > most.kept ? `${masked.slice(0, most.kept - 1)}…` : masked).toWellFormed()
  return text === '' ? undefined : { id: hash('sha1', text, 'hex').slice(0, 16), text }
}

// Each alternative repeats one class of characters, so nothing is read twice: blanks and controls, what names, numbers,
// paths and URLs are made of, other scripts, and any other sign by itself.
// biome-ignore lint/suspicious/noControlCharactersInRegex: a message may have them, and the database takes no NUL
const piece = /[\s\x00-\x1f\x7f]+|[\w.\-/:@~+%$#&*\\^]+|[^\x00-\x7f]+|./g
const closers: Record<string, string> = { '[': ']', '{': '}', '"': '"', "'": "'", '`': '`' }

function mask(text: string): string {
  const made = sentence()
  const next = finder(text)
  let quote = ''
  let before = ''
  for (let found = next.piece(); found !== undefined; before = found, found = next.piece()) {
    const closer = closers[found]
    if (found <= ' ' || /^\s/.test(found)) made.blank()
    else if (found === quote) {
      quote = ''
      made.literal(found)
    } else if (closer === undefined) {
      const isValue = before === '=' && isWord.test(found)
      word(found, isValue, made)
    } else if (closer === found && isWord.test(before))
      made.literal(found) // couldn't
    else {
      made.literal(found)
      const inside = next.upTo(closer)
      if (inside === undefined) continue
      if (closer === found) quote = found
      if (closer === found && /\s/.test(inside)) continue
      next.skip(inside)
      made.hole()
    }
  }
  return made.text()
}

function finder(text: string) {
  const ends: Record<string, number> = {}
  piece.lastIndex = 0
  return {
    piece: () => piece.exec(text)?.[0],
    /** What stands before the next `closer`; each part of the text is searched for it once. */
    upTo(closer: string): string | undefined {
      const at = piece.lastIndex
      const known = ends[closer]
      const end = known !== undefined && (known < 0 || known >= at) ? known : text.indexOf(closer, at)
      ends[closer] = end
      return end < 0 ? undefined : text.slice(at, end)
    },
    skip(inside: string) {
      piece.lastIndex += inside.length
    },
  }
}

type Sentence = ReturnType<typeof sentence>

/** The parts of a template, holes beside each other made one. */
function sentence() {
  const parts: string[] = []
  let swallows = false
  return {
    text: () => parts.join('').trim(),
    blank: () => void (parts.length > 0 && parts.at(-1) !== ' ' && parts.push(' ')),
    literal(part: string) {
      if (!(swallows && part === ')')) parts.push(part)
      swallows = false
    },
    hole() {
      // kubelet's "web_shop(6f0e5c1c-…)" is one name.
      const name = parts.at(-1) === '(' ? parts.at(-2) : undefined
      if (name === hole || name?.includes('_')) {
        parts.length -= 2
        swallows = true
      }
      let last = parts.length - 1
      while (parts[last] === ' ' || parts[last] === ',') last--
      if (parts[last] === hole) parts.length = last + 1
      else parts.push(hole)
    },
  }
}

const isWord = /[A-Za-z0-9]$/
const endOfSentence = /[.:]$/

function word(found: string, isValue: boolean, made: Sentence): void {
  let end = found.length
  while (end > 0 && endOfSentence.test(found.charAt(end - 1))) end--
  const core = found.slice(0, end)
  if (core !== '' && (isValue || varies(core))) made.hole()
  else if (core !== '') made.literal(core)
  for (const sign of found.slice(end)) made.literal(sign)
}
