import type { Command, Document } from './pieces.ts'
import { emit, isAt, mentions, type Reader } from './reader.ts'

/** `>file`, `<<end`, `<<<word`, `<(…)` and the like, as a part of a command. */
export function redirect(reader: Reader, command: Command) {
  if (isAt(reader, '<<') && reader.text[reader.at + 2] !== '<') return opens(reader, command)
  if (/^[<>]\(/.test(reader.text.slice(reader.at, reader.at + 2))) {
    reader.at += 2
    return reader.list(')', undefined)
  }
  const into = reader.text[reader.at] === '>'
  const isString = isAt(reader, '<<<')
  while (reader.at < reader.end && /[<>&|]/.test(reader.text[reader.at] ?? '')) reader.at++
  while (reader.at < reader.end && (reader.text[reader.at] === ' ' || reader.text[reader.at] === '\t'))
    reader.at++
  if (reader.at >= reader.end || /[\n;()]/.test(reader.text[reader.at] ?? '')) return
  const target = reader.word()
  if (into) command.targets.push(target)
  if (isString) command.strings.push(target)
}

// `<<`, `<<-` and the word after it
function opens(reader: Reader, command: Command) {
  reader.at += 2
  const tabs = reader.text[reader.at] === '-'
  if (tabs) reader.at++
  while (reader.at < reader.end && (reader.text[reader.at] === ' ' || reader.text[reader.at] === '\t'))
    reader.at++
  const opener = reader.word()
  const quoted = opener.units.some(({ quoting, from, to }) => quoting !== 'bare' || to - from > 1)
  const document: Document = {
    ...{ text: '', units: [], from: 0, to: 0, closer: undefined },
    ...{ quoted: quoted || opener.units.length === 0, delimiter: opener.text, tabs },
    opener: { from: opener.from, to: opener.to },
  }
  command.documents.push(document)
  reader.awaited.push(document)
}

/** The here-documents that were begun on the line before. */
export function documents(reader: Reader) {
  const now = reader.awaited
  reader.awaited = []
  for (const document of now) body(reader, document)
}

function body(reader: Reader, document: Document) {
  document.from = reader.at
  while (reader.at < reader.end) {
    const stop = reader.text.indexOf('\n', reader.at)
    const to = stop < 0 || stop > reader.end ? reader.end : stop
    const line = reader.text.slice(reader.at, to)
    if ((document.tabs ? line.replace(/^\t+/, '') : line) === document.delimiter) {
      document.closer = { from: reader.at, to }
      break
    }
    reader.at = Math.min(to + 1, reader.end)
  }
  document.to = reader.at
  const after = document.closer ? Math.min(document.closer.to + 1, reader.end) : reader.end
  if (document.quoted) verbatim(reader, document)
  else {
    const outer = reader.end
    ;[reader.at, reader.end] = [document.from, document.to]
    reader.expanded(document, 'document', undefined)
    reader.end = outer
  }
  reader.at = after
}

function verbatim(reader: Reader, document: Document) {
  emit(document, reader.text.slice(document.from, document.to), document.from, 'verbatim')
  mentions(reader, document, document.from, document.to, 'verbatim')
}
