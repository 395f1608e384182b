import type { Piece } from './pieces.ts'
import { deeper, type Reader, refer } from './reader.ts'

/** `$((…))` or `((…))`; false where it is a command in parentheses after all. */
export function arithmetic(reader: Reader, opening: number, piece: Piece | undefined): boolean {
  if (reader.commandsAt.has(reader.at)) return false
  return deeper(reader, () => computed(reader, opening, piece))
}

function computed(reader: Reader, opening: number, piece: Piece | undefined): boolean {
  const { references, commands, backticks } = reader.found
  const [start, seen] = [reader.at, [references.length, commands.length, backticks.length] as const]
  let open = 0
  reader.at += opening
  const from = reader.at
  while (reader.at < reader.end) {
    const char = reader.text[reader.at]
    if (char === ')' && open === 0) {
      if (reader.text[reader.at + 1] !== ')') break
      named(reader, from, reader.at)
      reader.at += 2
      return true
    }
    if (char === '$') {
      reader.dollar(undefined, piece ? 'double' : 'bare', true)
      continue
    }
    if (char === '`') {
      reader.backticks(undefined, 'double')
      continue
    }
    if (char === '(') open++
    if (char === ')') open--
    reader.at += char === '\\' ? 2 : 1
  }
  reader.at = start
  reader.commandsAt.add(start)
  ;[references.length, commands.length, backticks.length] = seen
  return false
}

/** Names that stand in arithmetic without a `$`. */
function named(reader: Reader, from: number, to: number) {
  const kept = reader.at
  for (const match of reader.text.slice(from, to).matchAll(/(?<![\w$.{])[A-Za-z_]\w*/g)) {
    if (!reader.knows(match[0])) continue
    reader.at = from + match.index + match[0].length
    refer(reader, undefined, match[0], from + match.index, 'bare', { loose: true, arithmetic: true })
  }
  reader.at = kept
}
