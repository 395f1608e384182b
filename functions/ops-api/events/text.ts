import { type Asked, wordsAsked, wordsOf } from '../../../shared/words.ts'

/** What is asked for of a message: words that all have to be in it, and texts that stand there as they are. */
export type TextAsked = { words: Asked[]; phrases: string[] }

/** `failed "back-off 10s" pull` -> the words of all of it, and the phrase; undefined where there is no word in it. */
export function textAsked(q: string): TextAsked | undefined {
  const words = wordsAsked(q)
  if (words.length === 0) return undefined
  const phrases = [...q.matchAll(/"([^"]+)"/g)].map(([, phrase = '']) => lower(phrase))
  return { words, phrases }
}

/** Does a message have all that is asked for? As `textSql` says it. */
export function hasText(message: string, { words, phrases }: TextAsked): boolean {
  const there = wordsOf(message)
  const text = lower(message)
  return (
    words.every(({ word, beginning }) =>
      there.some(one => (beginning ? one.startsWith(word) : one === word)),
    ) && phrases.every(phrase => text.includes(phrase))
  )
}

// Of letters that every collation has: the rest would be another text in each database.
const lower = (text: string) => text.replaceAll(/[A-Z]+/g, letters => letters.toLowerCase())
