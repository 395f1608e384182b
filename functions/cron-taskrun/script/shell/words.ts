import { opaque, type Piece, type Word } from './pieces.ts'
import { emit, emitOne, isAt, mentions, type Reader } from './reader.ts'

/** A word as the shell reads it, with all that is quoted or put in. */
export function word(reader: Reader): Word {
  const read: Word = { text: '', units: [], from: reader.at, to: reader.at }
  while (reader.at < reader.end) {
    const char = reader.text[reader.at] ?? ''
    if (char === '(' && reader.at > read.from && /[@?*+!]/.test(reader.text[reader.at - 1] ?? '')) {
      emit(read, char, reader.at++, 'bare')
      while (reader.at < reader.end && reader.text[reader.at] !== ')') part(reader, read)
      if (reader.at < reader.end) emit(read, ')', reader.at++, 'bare')
    } else if (/[ \t\n;&|<>()]/.test(char)) break
    else part(reader, read)
  }
  // What no word can start with would be read for ever.
  if (reader.at === read.from) reader.at++
  read.to = reader.at
  return read
}

function part(reader: Reader, read: Piece) {
  const from = reader.at
  const char = reader.text[reader.at] ?? ''
  if (char === '\\') {
    reader.at = Math.min(reader.at + 2, reader.end)
    if (reader.text[from + 1] !== '\n') emitOne(reader, read, reader.text[from + 1] ?? '\\', from, 'bare')
  } else if (char === "'") single(reader, read)
  else if (char === '"') reader.double(read)
  else if (isAt(reader, "$'")) ansi(reader, read)
  else if (isAt(reader, '$"')) {
    reader.at++
    reader.double(read)
  } else if (char === '$') reader.dollar(read, 'bare', false)
  else if (char === '`') reader.backticks(read, 'bare')
  else emit(read, char, reader.at++, 'bare')
}

function single(reader: Reader, piece: Piece | undefined) {
  const stop = reader.text.indexOf("'", reader.at + 1)
  const to = stop < 0 || stop >= reader.end ? reader.end : stop
  emit(piece, reader.text.slice(reader.at + 1, to), reader.at + 1, 'single')
  mentions(reader, piece, reader.at + 1, to, 'single')
  reader.at = Math.min(to + 1, reader.end)
}

function ansi(reader: Reader, piece: Piece) {
  reader.at += 2
  const start = reader.at
  while (reader.at < reader.end && reader.text[reader.at] !== "'") {
    const from = reader.at
    reader.at += reader.text[reader.at] === '\\' ? 2 : 1
    // Which character an escape makes matters to nobody here.
    if (reader.text[from] === '\\')
      emitOne(
        reader,
        piece,
        /[\\'"]/.test(reader.text[from + 1] ?? '') ? (reader.text[from + 1] ?? '') : opaque,
        from,
        'ansi',
      )
    else emitOne(reader, piece, reader.text[from] ?? '', from, 'ansi')
  }
  mentions(reader, piece, start, Math.min(reader.at, reader.end), 'ansi')
  reader.at = Math.min(reader.at + 1, reader.end)
}
