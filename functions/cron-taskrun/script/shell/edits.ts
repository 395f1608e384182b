import { between, expansion, written } from './encode.ts'
import type { Document, Piece } from './pieces.ts'

/** A part of a script to replace: by a text, or by what the shell around it makes of a variable. */
export type Edit = { from: number; to: number } & ({ text: string } | { live: string })
export type Plain = { from: number; to: number; text: string }

/** A text with its parts replaced. */
export const applied = (text: string, edits: Plain[]): string => {
  const sorted = edits.toSorted((a, b) => a.from - b.from || a.to - b.to)
  let at = 0
  let made = ''
  for (const edit of sorted) {
    if (edit.from < at) continue
    made += text.slice(at, edit.from) + edit.text
    at = edit.to
  }
  return made + text.slice(at)
}

/** A quoted here-document as one that is open for our references, and for nothing else. */
export function opened(text: string, document: Document, edits: Edit[]): Plain[] {
  let at = document.from
  let body = ''
  for (const edit of edits.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    body += written(text.slice(at, edit.from), 'document')
    body += 'text' in edit ? written(edit.text, 'document') : expansion(edit.live, 'document')
    at = edit.to
  }
  body += written(text.slice(at, document.to), 'document')
  const delimiter = /^\w+$/.test(document.delimiter) ? document.delimiter : freshIn(body)
  const { opener, closer } = document
  return [
    { ...opener, text: delimiter },
    { from: document.from, to: document.to, text: body },
    ...(closer ? [{ ...closer, text: delimiter }] : []),
  ]
}

const freshIn = (body: string): string => {
  for (let n = 0; ; n++) if (!body.includes(`OPS_END_${n}`)) return `OPS_END_${n}`
}

/**
 * Edits of what a shell makes of a piece, as edits of the piece as it is written. `waits`: is a variable one that a shell
 * further out has to put in?
 */
export function outward(piece: Piece, edits: Edit[], waits: (variable: string) => boolean): Edit[] {
  return edits.flatMap((edit): Edit[] => {
    const { from, to } = edit
    const units = piece.units.slice(from, Math.max(to, from + 1))
    const [first] = units
    const last = units.at(-1)
    if (!first || !last) return []
    const place = { from: first.from, to: to > from ? last.to : first.from }
    if ('live' in edit && waits(edit.live)) return [{ ...place, live: edit.live }]
    const made =
      'text' in edit ? written(edit.text, first.quoting) : expansion(edit.live, first.quoting, '\\')
    return [{ ...place, text: made + between(first.quoting, last.quoting) }]
  })
}
