import { opaque, type Piece, type Quoting } from './pieces.ts'
import { deeper, emit, emitOne, exactly, isAt, type Reader, refer } from './reader.ts'

/** `"…"` */
export function double(reader: Reader, piece: Piece | undefined) {
  reader.at++
  deeper(reader, () => expanded(reader, piece, 'double', '"'))
  reader.at = Math.min(reader.at + 1, reader.end)
}

/** Text in which the shell expands, up to what closes it. */
export function expanded(
  reader: Reader,
  piece: Piece | undefined,
  quoting: 'double' | 'document',
  closing: '"' | undefined,
) {
  while (reader.at < reader.end && reader.text[reader.at] !== closing) {
    const from = reader.at
    const char = reader.text[reader.at] ?? ''
    if (char === '\\') {
      const next = reader.text[reader.at + 1] ?? ''
      if (next === '\n') reader.at = Math.min(reader.at + 2, reader.end)
      else if (next !== '' && (quoting === 'double' ? '$`"\\' : '$`\\').includes(next)) {
        reader.at = Math.min(reader.at + 2, reader.end)
        emitOne(reader, piece, next, from, quoting)
      } else emit(piece, char, reader.at++, quoting)
    } else if (char === '$') dollar(reader, piece, quoting, false)
    else if (char === '`') backticks(reader, piece, quoting)
    else emit(piece, char, reader.at++, quoting)
  }
}

/** `$name`, `${…}`, `$(…)`, `$((…))`, or a `$` alone. */
export function dollar(reader: Reader, piece: Piece | undefined, quoting: Quoting, inArithmetic: boolean) {
  const from = reader.at
  const whole = exactly(reader, /\$\{([^{}\n]+)\}/y)
  if (whole && reader.knows(whole[1] ?? '')) {
    reader.at += whole[0].length
    emit(piece, whole[0], from, quoting)
    refer(reader, piece, whole[1] ?? '', from, quoting, { loose: false, arithmetic: inArithmetic })
    return
  }
  const bare = exactly(
    reader,
    /\$([A-Za-z_][A-Za-z0-9_]*)|\$\{#?([A-Za-z_][A-Za-z0-9_]*)[^A-Za-z0-9_{}$`'"\\\n[][^{}$`'"\\\n]*\}/y,
  )
  const name = bare?.[1] ?? bare?.[2] ?? ''
  if (bare && reader.knows(name)) {
    reader.at += bare[0].length
    emit(piece, bare[0], from, quoting)
    refer(reader, piece, name, from, quoting, { loose: true, arithmetic: inArithmetic })
    return
  }
  if (isAt(reader, '$((') && reader.arithmetic(3, piece)) return emitOne(reader, piece, opaque, from, quoting)
  if (isAt(reader, '$(')) {
    reader.at += 2
    reader.list(')', piece)
    return emitOne(reader, piece, opaque, from, quoting)
  }
  if (isAt(reader, '${')) {
    deeper(reader, () => braces(reader, quoting))
    return emitOne(reader, piece, opaque, from, quoting)
  }
  const special = exactly(reader, /\$([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/y)
  reader.at += special?.[0].length ?? 1
  emitOne(reader, piece, special ? opaque : '$', from, quoting)
}

// `${name…}` with something to do; what stands in there is the shell's, references of ours with it.
function braces(reader: Reader, quoting: Quoting) {
  const head = exactly(reader, /\$\{[#!]?([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])?/y)
  reader.at += head?.[0].length ?? 2
  if (reader.text[reader.at] === '[') subscript(reader)
  const literal = quoting !== 'bare' && /[-=?+:]/.test(reader.text[reader.at] ?? '')
  while (reader.at < reader.end && reader.text[reader.at] !== '}') {
    const char = reader.text[reader.at]
    if (char === '\\') reader.at += 2
    else if (char === "'" && !literal) reader.at = afterQuote(reader)
    else if (char === '"' && quoting !== 'document') double(reader, undefined)
    else if (char === '$') dollar(reader, undefined, quoting, false)
    else if (char === '`') backticks(reader, undefined, quoting)
    else reader.at++
  }
  reader.at = Math.min(reader.at + 1, reader.end)
}

function subscript(reader: Reader) {
  while (reader.at < reader.end && reader.text[reader.at] !== ']') {
    if (reader.text[reader.at] === '$') dollar(reader, undefined, 'bare', true)
    else if (reader.text[reader.at] === '"') double(reader, undefined)
    else reader.at++
  }
  reader.at = Math.min(reader.at + 1, reader.end)
}

function afterQuote(reader: Reader): number {
  const stop = reader.text.indexOf("'", reader.at + 1)
  return stop < 0 || stop >= reader.end ? reader.end : stop + 1
}

/** A script of its own, of which what the shell takes away before it reads that is taken away. */
export function backticks(reader: Reader, piece: Piece | undefined, quoting: Quoting) {
  const from = reader.at
  const inner: Piece = { text: '', units: [] }
  reader.at++
  while (reader.at < reader.end && reader.text[reader.at] !== '`') {
    const start = reader.at
    const escapes = quoting === 'double' ? '$`\\"' : '$`\\'
    const escaped = reader.text[reader.at] === '\\' && escapes.includes(reader.text[reader.at + 1] ?? ' ')
    reader.at += escaped ? 2 : 1
    emitOne(reader, inner, reader.text[reader.at - 1] ?? '', start, 'backtick')
  }
  reader.at = Math.min(reader.at + 1, reader.end)
  reader.found.backticks.push(inner)
  emitOne(reader, piece, opaque, from, quoting)
}
