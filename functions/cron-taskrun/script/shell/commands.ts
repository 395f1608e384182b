import type { Command, Piece } from './pieces.ts'
import { deeper, isAt, type Reader } from './reader.ts'
import { documents, redirect } from './redirects.ts'

const reserved = /^(if|then|elif|else|while|until|do|done|fi|time|coproc|[!{}])$/

/** Commands up to what closes them, or to the end. */
export const list = (reader: Reader, closing: ')' | undefined, within: Piece | undefined): void =>
  deeper(reader, () => listed(reader, closing, within))

function fresh({ found }: Reader, within: Piece | undefined): Command {
  const command: Command = { words: [], documents: [], strings: [], targets: [], into: undefined, within }
  found.commands.push(command)
  return command
}

function listed(reader: Reader, closing: ')' | undefined, within: Piece | undefined) {
  let command = fresh(reader, within)
  const cases: ('subject' | 'pattern' | 'body')[] = []
  const reset = () => {
    if (command.words.length + command.documents.length + command.strings.length + command.targets.length)
      command = fresh(reader, within)
  }
  while (reader.at < reader.end) {
    const char = reader.text[reader.at] ?? ''
    const state = cases.at(-1)
    if (char === ' ' || char === '\t') reader.at++
    else if (isAt(reader, '\\\n')) reader.at += 2
    else if (char === '#') comment(reader)
    else if (char === '\n') {
      reader.at++
      reset()
      documents(reader)
    } else if (state === 'pattern' && (char === ')' || char === '(' || char === '|')) {
      reader.at++
      if (char !== ')') continue
      cases[cases.length - 1] = 'body'
      reset()
    } else if (char === ';') {
      const ends = /;;&|;&|;;|;/y
      ends.lastIndex = reader.at
      const operator = ends.exec(reader.text)?.[0] ?? ';'
      reader.at += operator.length
      reset()
      if (operator.length > 1 && state === 'body') cases[cases.length - 1] = 'pattern'
    } else if (char === '&' && reader.text[reader.at + 1] === '>') reader.at++
    else if (char === '&' || char === '|') {
      const both = reader.text[reader.at + 1] === char
      reader.at += both || isAt(reader, '|&') ? 2 : 1
      const before = command
      reset()
      if (char === '|' && !both && before !== command) before.into = command
    } else if (char === '(') opened(reader, command, reset)
    else if (char === ')') {
      reader.at++
      if (closing) return
    } else if (char === '<' || char === '>') redirect(reader, command)
    else if (/[0-9]/.test(char) && /^[0-9]+[<>]/.test(reader.text.slice(reader.at, reader.at + 6)))
      reader.at++
    else {
      const read = reader.word()
      const plain = reader.text.slice(read.from, read.to)
      const first = command.words.length === 0
      if (first && plain === 'esac' && state && state !== 'subject') {
        cases.pop()
        continue
      }
      if (state === 'subject' && plain === 'in') {
        cases[cases.length - 1] = 'pattern'
        reset()
        continue
      }
      if (first && state !== 'pattern' && reserved.test(plain)) continue
      command.words.push(read)
      if (first && plain === 'case' && state !== 'pattern') cases.push('subject')
    }
  }
}

function comment(reader: Reader) {
  while (reader.at < reader.end && reader.text[reader.at] !== '\n') reader.at++
}

// `((…))`, `f() …`, `a=(…)` or a subshell
function opened(reader: Reader, command: Command, reset: () => void) {
  if (isAt(reader, '((') && command.words.length === 0 && reader.arithmetic(2, undefined)) return
  const last = command.words.at(-1)
  reader.at++
  if (last?.to === reader.at - 1 && reader.text[reader.at - 2] === '=') {
    while (reader.at < reader.end && reader.text[reader.at] !== ')') {
      if (/[\s|&;<>(]/.test(reader.text[reader.at] ?? '')) reader.at++
      else if (reader.text[reader.at] === '#') comment(reader)
      else reader.word()
    }
    reader.at++
  } else if (/^[ \t]*\)/.test(reader.text.slice(reader.at, reader.at + 8))) {
    reader.at = reader.text.indexOf(')', reader.at) + 1
    reset()
  } else {
    reader.list(')', undefined)
    reset()
  }
}
