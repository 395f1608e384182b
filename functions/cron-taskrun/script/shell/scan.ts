import { Refusal } from '../refusal.ts'

/** How a character of a script is quoted where it stands. */
export type Quoting = 'bare' | 'single' | 'ansi' | 'double' | 'backtick' | 'document' | 'verbatim' | 'between'

/** Where a character of a piece stands in the script. */
export type Unit = { from: number; to: number; quoting: Quoting }

/** What the shell makes of a part of a script, quoting taken away; what it puts in there is one `opaque` each. */
export type Piece = { text: string; units: Unit[] }
export const opaque = '\uE000'

/** `${name}` of a name that is known. `loose`: another form, such as `$name`, which is the shell's own business. */
export type Reference = {
  name: string
  from: number
  to: number
  quoting: Quoting
  of: Piece | undefined
  loose: boolean
  arithmetic: boolean
}

export type Word = Piece & { from: number; to: number }

/** A here-document. `opener` is the word after `<<`, `closer` the line that ends it. */
export type Document = Piece & {
  from: number
  to: number
  quoted: boolean
  delimiter: string
  opener: { from: number; to: number }
  closer: { from: number; to: number } | undefined
  tabs: boolean
}

/** A simple command. Its output goes `into` another, or becomes a part of the word that it stands `within`. */
export type Command = {
  words: Word[]
  documents: Document[]
  /** Here-strings. */
  strings: Word[]
  /** Files that it writes. */
  targets: Word[]
  into: Command | undefined
  within: Piece | undefined
}

export type Scan = {
  commands: Command[]
  references: Reference[]
  /** What stands in backticks: a script of its own. */
  backticks: Piece[]
}

const reserved = /^(if|then|elif|else|while|until|do|done|fi|time|coproc|[!{}])$/

/** So deep commands, quotations and the like may stand in one another: nobody writes that, and it takes a stack. */
const deepest = 200

/** Reads a script as a shell does, as far as quoting and commands go; what is broken is read to its end, somehow. */
export function scan(text: string, knows: (name: string) => boolean): Scan {
  const found: Scan = { commands: [], references: [], backticks: [] }
  let at = 0
  let end = text.length
  let awaited: Document[] = []
  let depth = 0
  /** Where `$((` turned out to begin a command, which is not tried again. */
  const commandsAt = new Set<number>()

  const deeper = <T>(read: () => T): T => {
    if (depth >= deepest) throw new Refusal(`A script has more than ${deepest} things in one another`)
    depth++
    const result = read()
    depth--
    return result
  }

  const emit = (piece: Piece | undefined, made: string, from: number, quoting: Quoting) => {
    if (!piece) return
    piece.text += made
    for (let n = 0; n < made.length; n++) piece.units.push({ from: from + n, to: from + n + 1, quoting })
  }
  /** One character of the piece stands for all from there to here. */
  const emitOne = (piece: Piece | undefined, made: string, from: number, quoting: Quoting) => {
    if (!piece) return
    piece.text += made
    piece.units.push({ from, to: at, quoting })
  }
  const refer = (
    piece: Piece | undefined,
    name: string,
    from: number,
    quoting: Quoting,
    more = { loose: false, arithmetic: false },
  ) => found.references.push({ name, from, to: at, quoting, of: piece, ...more })

  const fresh = (within: Piece | undefined): Command => {
    const command: Command = { words: [], documents: [], strings: [], targets: [], into: undefined, within }
    found.commands.push(command)
    return command
  }

  /** Commands up to what closes them, or to the end. */
  const list = (closing: ')' | undefined, within: Piece | undefined) => deeper(() => listed(closing, within))

  function listed(closing: ')' | undefined, within: Piece | undefined) {
    let command = fresh(within)
    const cases: ('subject' | 'pattern' | 'body')[] = []
    const reset = () => {
      if (command.words.length + command.documents.length + command.strings.length + command.targets.length)
        command = fresh(within)
    }
    while (at < end) {
      const char = text[at] ?? ''
      const state = cases.at(-1)
      if (char === ' ' || char === '\t') at++
      else if (text.startsWith('\\\n', at)) at += 2
      else if (char === '#') comment()
      else if (char === '\n') {
        at++
        reset()
        documents()
      } else if (state === 'pattern' && (char === ')' || char === '(' || char === '|')) {
        at++
        if (char !== ')') continue
        cases[cases.length - 1] = 'body'
        reset()
      } else if (char === ';') {
        const ends = /;;&|;&|;;|;/y
        ends.lastIndex = at
        const operator = ends.exec(text)?.[0] ?? ';'
        at += operator.length
        reset()
        if (operator.length > 1 && state === 'body') cases[cases.length - 1] = 'pattern'
      } else if (char === '&' && text[at + 1] === '>') at++
      else if (char === '&' || char === '|') {
        const both = text[at + 1] === char
        at += both || text.startsWith('|&', at) ? 2 : 1
        const before = command
        reset()
        if (char === '|' && !both && before !== command) before.into = command
      } else if (char === '(') opened(command, reset)
      else if (char === ')') {
        at++
        if (closing) return
      } else if (char === '<' || char === '>') redirect(command)
      else if (/[0-9]/.test(char) && /^[0-9]+[<>]/.test(text.slice(at, at + 6))) at++
      else {
        const read = word()
        const plain = text.slice(read.from, read.to)
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

  function comment() {
    while (at < end && text[at] !== '\n') at++
  }

  // `((…))`, `f() …`, `a=(…)` or a subshell
  function opened(command: Command, reset: () => void) {
    if (text.startsWith('((', at) && command.words.length === 0 && arithmetic(2, undefined)) return
    const last = command.words.at(-1)
    at++
    if (last?.to === at - 1 && text[at - 2] === '=') {
      while (at < end && text[at] !== ')') {
        if (/[\s|&;<>(]/.test(text[at] ?? '')) at++
        else if (text[at] === '#') comment()
        else word()
      }
      at++
    } else if (/^[ \t]*\)/.test(text.slice(at, at + 8))) {
      at = text.indexOf(')', at) + 1
      reset()
    } else {
      list(')', undefined)
      reset()
    }
  }

  function redirect(command: Command) {
    if (text.startsWith('<<', at) && text[at + 2] !== '<') return opens(command)
    if (/^[<>]\(/.test(text.slice(at, at + 2))) {
      at += 2
      return list(')', undefined)
    }
    const into = text[at] === '>'
    const isString = text.startsWith('<<<', at)
    while (at < end && /[<>&|]/.test(text[at] ?? '')) at++
    while (at < end && (text[at] === ' ' || text[at] === '\t')) at++
    if (at >= end || /[\n;()]/.test(text[at] ?? '')) return
    const target = word()
    if (into) command.targets.push(target)
    if (isString) command.strings.push(target)
  }

  // `<<`, `<<-` and the word after it
  function opens(command: Command) {
    at += 2
    const tabs = text[at] === '-'
    if (tabs) at++
    while (at < end && (text[at] === ' ' || text[at] === '\t')) at++
    const opener = word()
    const quoted = opener.units.some(({ quoting, from, to }) => quoting !== 'bare' || to - from > 1)
    const document: Document = {
      ...{ text: '', units: [], from: 0, to: 0, closer: undefined },
      ...{ quoted: quoted || opener.units.length === 0, delimiter: opener.text, tabs },
      opener: { from: opener.from, to: opener.to },
    }
    command.documents.push(document)
    awaited.push(document)
  }

  function documents() {
    const now = awaited
    awaited = []
    for (const document of now) body(document)
  }

  function body(document: Document) {
    document.from = at
    while (at < end) {
      const stop = text.indexOf('\n', at)
      const to = stop < 0 || stop > end ? end : stop
      const line = text.slice(at, to)
      if ((document.tabs ? line.replace(/^\t+/, '') : line) === document.delimiter) {
        document.closer = { from: at, to }
        break
      }
      at = Math.min(to + 1, end)
    }
    document.to = at
    const after = document.closer ? Math.min(document.closer.to + 1, end) : end
    if (document.quoted) verbatim(document)
    else {
      const outer = end
      ;[at, end] = [document.from, document.to]
      expanded(document, 'document', undefined)
      end = outer
    }
    at = after
  }

  function verbatim(document: Document) {
    emit(document, text.slice(document.from, document.to), document.from, 'verbatim')
    mentions(document, document.from, document.to, 'verbatim')
  }

  /** References in what the shell takes as it stands. */
  function mentions(piece: Piece | undefined, from: number, to: number, quoting: Quoting) {
    const kept = at
    for (const match of text.slice(from, to).matchAll(/\$\{([^{}\n]+)\}/g)) {
      if (!knows(match[1] ?? '')) continue
      at = from + match.index + match[0].length
      refer(piece, match[1] ?? '', from + match.index, quoting)
    }
    at = kept
  }

  function word(): Word {
    const read: Word = { text: '', units: [], from: at, to: at }
    while (at < end) {
      const char = text[at] ?? ''
      if (char === '(' && at > read.from && /[@?*+!]/.test(text[at - 1] ?? '')) {
        emit(read, char, at++, 'bare')
        while (at < end && text[at] !== ')') part(read)
        if (at < end) emit(read, ')', at++, 'bare')
      } else if (/[ \t\n;&|<>()]/.test(char)) break
      else part(read)
    }
    // What no word can start with would be read for ever.
    if (at === read.from) at++
    read.to = at
    return read
  }

  function part(read: Piece) {
    const from = at
    const char = text[at] ?? ''
    if (char === '\\') {
      at = Math.min(at + 2, end)
      if (text[from + 1] !== '\n') emitOne(read, text[from + 1] ?? '\\', from, 'bare')
    } else if (char === "'") single(read)
    else if (char === '"') double(read)
    else if (text.startsWith("$'", at)) ansi(read)
    else if (text.startsWith('$"', at)) {
      at++
      double(read)
    } else if (char === '$') dollar(read, 'bare', false)
    else if (char === '`') backticks(read, 'bare')
    else emit(read, char, at++, 'bare')
  }

  function single(piece: Piece | undefined) {
    const stop = text.indexOf("'", at + 1)
    const to = stop < 0 || stop >= end ? end : stop
    emit(piece, text.slice(at + 1, to), at + 1, 'single')
    mentions(piece, at + 1, to, 'single')
    at = Math.min(to + 1, end)
  }

  function ansi(piece: Piece) {
    at += 2
    const start = at
    while (at < end && text[at] !== "'") {
      const from = at
      at += text[at] === '\\' ? 2 : 1
      // Which character an escape makes matters to nobody here.
      if (text[from] === '\\')
        emitOne(piece, /[\\'"]/.test(text[from + 1] ?? '') ? (text[from + 1] ?? '') : opaque, from, 'ansi')
      else emitOne(piece, text[from] ?? '', from, 'ansi')
    }
    mentions(piece, start, Math.min(at, end), 'ansi')
    at = Math.min(at + 1, end)
  }

  function double(piece: Piece | undefined) {
    at++
    deeper(() => expanded(piece, 'double', '"'))
    at = Math.min(at + 1, end)
  }

  /** Text in which the shell expands, up to what closes it. */
  function expanded(piece: Piece | undefined, quoting: 'double' | 'document', closing: '"' | undefined) {
    while (at < end && text[at] !== closing) {
      const from = at
      const char = text[at] ?? ''
      if (char === '\\') {
        const next = text[at + 1] ?? ''
        if (next === '\n') at = Math.min(at + 2, end)
        else if (next !== '' && (quoting === 'double' ? '$`"\\' : '$`\\').includes(next)) {
          at = Math.min(at + 2, end)
          emitOne(piece, next, from, quoting)
        } else emit(piece, char, at++, quoting)
      } else if (char === '$') dollar(piece, quoting, false)
      else if (char === '`') backticks(piece, quoting)
      else emit(piece, char, at++, quoting)
    }
  }

  function dollar(piece: Piece | undefined, quoting: Quoting, inArithmetic: boolean) {
    const from = at
    const whole = exactly(/\$\{([^{}\n]+)\}/y)
    if (whole && knows(whole[1] ?? '')) {
      at += whole[0].length
      emit(piece, whole[0], from, quoting)
      refer(piece, whole[1] ?? '', from, quoting, { loose: false, arithmetic: inArithmetic })
      return
    }
    const bare = exactly(
      /\$([A-Za-z_][A-Za-z0-9_]*)|\$\{#?([A-Za-z_][A-Za-z0-9_]*)[^A-Za-z0-9_{}$`'"\\\n[][^{}$`'"\\\n]*\}/y,
    )
    const name = bare?.[1] ?? bare?.[2] ?? ''
    if (bare && knows(name)) {
      at += bare[0].length
      emit(piece, bare[0], from, quoting)
      refer(piece, name, from, quoting, { loose: true, arithmetic: inArithmetic })
      return
    }
    if (text.startsWith('$((', at) && arithmetic(3, piece)) return emitOne(piece, opaque, from, quoting)
    if (text.startsWith('$(', at)) {
      at += 2
      list(')', piece)
      return emitOne(piece, opaque, from, quoting)
    }
    if (text.startsWith('${', at)) {
      deeper(() => braces(quoting))
      return emitOne(piece, opaque, from, quoting)
    }
    const special = exactly(/\$([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/y)
    at += special?.[0].length ?? 1
    emitOne(piece, special ? opaque : '$', from, quoting)
  }

  function exactly(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    return match && at + match[0].length <= end ? match : undefined
  }

  // `${name…}` with something to do; what stands in there is the shell's, references of ours with it.
  function braces(quoting: Quoting) {
    const head = exactly(/\$\{[#!]?([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])?/y)
    at += head?.[0].length ?? 2
    if (text[at] === '[') subscript()
    const literal = quoting !== 'bare' && /[-=?+:]/.test(text[at] ?? '')
    while (at < end && text[at] !== '}') {
      const char = text[at]
      if (char === '\\') at += 2
      else if (char === "'" && !literal) at = afterQuote()
      else if (char === '"' && quoting !== 'document') double(undefined)
      else if (char === '$') dollar(undefined, quoting, false)
      else if (char === '`') backticks(undefined, quoting)
      else at++
    }
    at = Math.min(at + 1, end)
  }

  function subscript() {
    while (at < end && text[at] !== ']') {
      if (text[at] === '$') dollar(undefined, 'bare', true)
      else if (text[at] === '"') double(undefined)
      else at++
    }
    at = Math.min(at + 1, end)
  }

  function afterQuote(): number {
    const stop = text.indexOf("'", at + 1)
    return stop < 0 || stop >= end ? end : stop + 1
  }

  /** `$((…))` or `((…))`; false where it is a command in parentheses after all. */
  function arithmetic(opening: number, piece: Piece | undefined): boolean {
    if (commandsAt.has(at)) return false
    return deeper(() => computed(opening, piece))
  }

  function computed(opening: number, piece: Piece | undefined): boolean {
    const [start, seen] = [at, [found.references.length, found.commands.length, found.backticks.length]]
    let open = 0
    at += opening
    const from = at
    while (at < end) {
      const char = text[at]
      if (char === ')' && open === 0) {
        if (text[at + 1] !== ')') break
        named(from, at)
        at += 2
        return true
      }
      if (char === '$') {
        dollar(undefined, piece ? 'double' : 'bare', true)
        continue
      }
      if (char === '`') {
        backticks(undefined, 'double')
        continue
      }
      if (char === '(') open++
      if (char === ')') open--
      at += char === '\\' ? 2 : 1
    }
    at = start
    commandsAt.add(start)
    found.references.length = seen[0] ?? 0
    found.commands.length = seen[1] ?? 0
    found.backticks.length = seen[2] ?? 0
    return false
  }

  /** Names that stand in arithmetic without a `$`. */
  function named(from: number, to: number) {
    const kept = at
    for (const match of text.slice(from, to).matchAll(/(?<![\w$.{])[A-Za-z_]\w*/g)) {
      if (!knows(match[0])) continue
      at = from + match.index + match[0].length
      refer(undefined, match[0], from + match.index, 'bare', { loose: true, arithmetic: true })
    }
    at = kept
  }

  function backticks(piece: Piece | undefined, quoting: Quoting) {
    const from = at
    const inner: Piece = { text: '', units: [] }
    at++
    while (at < end && text[at] !== '`') {
      const start = at
      const escapes = quoting === 'double' ? '$`\\"' : '$`\\'
      const escaped = text[at] === '\\' && escapes.includes(text[at + 1] ?? ' ')
      at += escaped ? 2 : 1
      emitOne(inner, text[at - 1] ?? '', start, 'backtick')
    }
    at = Math.min(at + 1, end)
    found.backticks.push(inner)
    emitOne(piece, opaque, from, quoting)
  }

  list(undefined, undefined)
  return found
}
