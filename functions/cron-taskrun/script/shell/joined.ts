import type { Edit, Plain } from './edits.ts'
import type { Program } from './languages.ts'
import type { Piece, Reference } from './pieces.ts'

/** A program that is made of several words, as one piece. */
export function joined({ pieces, skip = 0 }: Program): Piece {
  const text = pieces.map(piece => piece.text).join(' ')
  const units = pieces.flatMap((piece, n) => {
    const from = pieces[n - 1]?.units.at(-1)?.to ?? 0
    return n === 0 ? piece.units : [{ from, to: from, quoting: 'between' as const }, ...piece.units]
  })
  return { text: text.slice(skip), units: units.slice(skip) }
}

/** What the shell around a program would put into it where the program makes nothing of it, such as in a comment. */
export function stillOpen(piece: Piece, references: Reference[], edits: Edit[]): Plain[] {
  const places = new Map(piece.units.map((unit, at) => [unit.from, at] as const))
  return references.flatMap(({ from, to }) => {
    const at = places.get(from)
    if (at === undefined) return []
    const end = at + (to - from)
    if (edits.some(edit => edit.from < end && edit.to > at)) return []
    return [{ from: at, to: end, text: piece.text.slice(at, end) }]
  })
}
