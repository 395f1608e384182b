import { interpreted } from './interpreted.ts'
import {
  interpreters,
  languageBy,
  losers,
  nameOf,
  type Reads,
  shells,
  starters,
  talkers,
} from './languages.ts'
import type { Command, Piece, Word } from './pieces.ts'

const isAssignment = (word: Word) => /^[A-Za-z_]\w*\+?=/.test(word.text)

/** What a command takes for programs. */
export function readsOf(command: Command): Reads {
  const words = command.words.slice(
    Math.max(
      command.words.findIndex(word => !isAssignment(word)),
      0,
    ),
  )
  const none = { argument: [], input: undefined }
  const [first] = words
  if (!first) return none
  const name = nameOf(first)
  const shell = (keeps: boolean, pieces: Piece[]) => ({
    argument: pieces.length ? [{ is: 'shell' as const, keeps, pieces }] : [],
    input: undefined,
  })
  if (name === 'eval') return shell(true, words.slice(1))
  if (name === 'trap')
    return shell(
      true,
      words
        .slice(1)
        .filter(word => word.text !== '--')
        .slice(0, 1),
    )
  if (talkers.test(name)) return none

  let keeps = true
  let started = true
  for (const [at, word] of words.entries()) {
    const called = nameOf(word)
    const calls = started || shells.test(called) || interpreters.test(called)
    // A word that calls nothing has nothing behind it: there may be very many.
    const rest = calls ? words.slice(at + 1) : words.slice(at + 1, at + 2)
    if (started && called === 'ssh') return remote(rest)
    if (started && /^(su|runuser|script|flock)$/.test(called)) {
      const option = rest.findIndex(({ text }) => /^(-[a-z]*c|--command)$/.test(text))
      const program = rest[option + 1]
      if (option >= 0 && program && !rest.slice(0, option).some(({ text }) => shells.test(text))) {
        return shell(called === 'flock', [program])
      }
    }
    if (started && called === 'watch')
      return shell(
        true,
        rest.filter(({ text }) => !/^-/.test(text)),
      )
    const read = interpreted(called, rest, keeps, started)
    if (read) return read
    if (losers.test(called)) keeps = false
    if (called === 'env' && rest[0] && /^(-|-i|--ignore-environment)$/.test(rest[0].text)) keeps = false
    if (at === 0) started = starters.test(called) || losers.test(called)
  }
  return none
}

/** Options of ssh that take a value. */
const sshValued = /^-[BbcDEeFIiJLlmOopQRSWw]$/

// All words after the host are joined, and read by the shell over there.
function remote(words: Word[]): Reads {
  let at = 0
  while (words[at]?.text.startsWith('-')) at += sshValued.test(words[at]?.text ?? '') ? 2 : 1
  const pieces = words.slice(at + 1)
  if (pieces.length === 0) return { argument: [], input: { is: 'shell', keeps: false } }
  const text = pieces
    .map(piece => piece.text)
    .join(' ')
    .trim()
  const [called = '', ...more] = text.split(/\s+/).filter(word => !losers.test(word))
  const simple = more.every(word => /^-/.test(word))
  return {
    argument: [{ is: 'shell', keeps: false, pieces }],
    input: simple ? languageBy(called.replace(/^.*\//, ''), false) : undefined,
  }
}
