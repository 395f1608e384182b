import { arithmetic } from './arithmetic.ts'
import { list } from './commands.ts'
import { backticks, dollar, double, expanded } from './expansions.ts'
import type { Scan } from './pieces.ts'
import type { Reader } from './reader.ts'
import { word } from './words.ts'

/** Reads a script as a shell does, as far as quoting and commands go; what is broken is read to its end, somehow. */
export function scan(text: string, knows: (name: string) => boolean): Scan {
  const reader: Reader = {
    ...{ text, at: 0, end: text.length, knows },
    found: { commands: [], references: [], backticks: [] },
    ...{ awaited: [], depth: 0, commandsAt: new Set() },
    list: (closing, within) => list(reader, closing, within),
    word: () => word(reader),
    double: piece => double(reader, piece),
    expanded: (piece, quoting, closing) => expanded(reader, piece, quoting, closing),
    dollar: (piece, quoting, inArithmetic) => dollar(reader, piece, quoting, inArithmetic),
    backticks: (piece, quoting) => backticks(reader, piece, quoting),
    arithmetic: (opening, piece) => arithmetic(reader, opening, piece),
  }
  reader.list(undefined, undefined)
  return reader.found
}
