import { Refusal } from '../refusal.ts'
import type { Document, Piece, Quoting, Scan, Word } from './pieces.ts'

/** Where the reading of a script stands, and what was found in it so far. */
export type Reader = Parts & {
  text: string
  at: number
  /** Nothing behind it is read. */
  end: number
  found: Scan
  knows(name: string): boolean
  /** Here-documents that begin with the next line. */
  awaited: Document[]
  depth: number
  /** Where `$((` turned out to begin a command, which is not tried again. */
  commandsAt: Set<number>
}

/** The parts of a script hold one another: what reads one reaches the others by these. Each reads from where it stands. */
type Parts = {
  /** Commands up to what closes them, or to the end. */
  list(closing: ')' | undefined, within: Piece | undefined): void
  word(): Word
  /** `"…"` */
  double(piece: Piece | undefined): void
  /** Text in which the shell expands, up to what closes it. */
  expanded(piece: Piece | undefined, quoting: 'double' | 'document', closing: '"' | undefined): void
  /** `$name`, `${…}`, `$(…)`, `$((…))`, or a `$` alone. */
  dollar(piece: Piece | undefined, quoting: Quoting, inArithmetic: boolean): void
  backticks(piece: Piece | undefined, quoting: Quoting): void
  /** `$((…))` or `((…))`, of which so many characters open it; false where it is a command in parentheses after all. */
  arithmetic(opening: number, piece: Piece | undefined): boolean
}

/** So deep commands, quotations and the like may stand in one another: nobody writes that, and it takes a stack. */
const deepest = 200

/** Reads what stands in something else. @throws Refusal where that is in too much else */
export function deeper<T>(reader: Reader, read: () => T): T {
  if (reader.depth >= deepest) throw new Refusal(`A script has more than ${deepest} things in one another`)
  reader.depth++
  const result = read()
  reader.depth--
  return result
}

/** Characters that stand for themselves. */
export function emit(piece: Piece | undefined, made: string, from: number, quoting: Quoting): void {
  if (!piece) return
  piece.text += made
  for (let n = 0; n < made.length; n++) piece.units.push({ from: from + n, to: from + n + 1, quoting })
}

/** One character of the piece stands for all from there to here. */
export function emitOne(
  reader: Reader,
  piece: Piece | undefined,
  made: string,
  from: number,
  quoting: Quoting,
): void {
  if (!piece) return
  piece.text += made
  piece.units.push({ from, to: reader.at, quoting })
}

/** A reference from there to here. */
export function refer(
  reader: Reader,
  piece: Piece | undefined,
  name: string,
  from: number,
  quoting: Quoting,
  more = { loose: false, arithmetic: false },
): void {
  reader.found.references.push({ name, from, to: reader.at, quoting, of: piece, ...more })
}

/** Does this stand here? */
export const isAt = ({ text, at }: Reader, what: string): boolean => text.startsWith(what, at)

/** References in what the shell takes as it stands. */
export function mentions(
  reader: Reader,
  piece: Piece | undefined,
  from: number,
  to: number,
  quoting: Quoting,
) {
  const kept = reader.at
  for (const match of reader.text.slice(from, to).matchAll(/\$\{([^{}\n]+)\}/g)) {
    if (!reader.knows(match[1] ?? '')) continue
    reader.at = from + match.index + match[0].length
    refer(reader, piece, match[1] ?? '', from + match.index, quoting)
  }
  reader.at = kept
}

/** What a sticky pattern matches here. */
export function exactly(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.text)
  return match && reader.at + match[0].length <= reader.end ? match : undefined
}
