/** How long a text is where its length is limited. None of them counts less than `length` does. */
export type Measure = (text: string) => number

export const units: Measure = text => text.length
export const bytes: Measure = text => Buffer.byteLength(text)
/** Bytes of a text within JSON. */
export const jsonBytes: Measure = text => Buffer.byteLength(JSON.stringify(text)) - 2

/** `safe` makes a text harmless in a markup, character by character and never shorter; the result is measured. */
export type How = { safe?: (text: string) => string; size?: Measure }

/** An escaped text of at most `most`, with an ellipsis where it was cut; what a reader sees as one character stays one. */
export function cut(text: string, most: number, { safe = asItIs, size = units }: How = {}): string {
  const whole = text.toWellFormed()
  if (whole.length <= most) {
    const escaped = safe(whole)
    if (size(escaped) <= most) return escaped
  }
  const room = most - size(ellipsis)
  if (room < 0) return ''
  let shown = ''
  let used = 0
  // One unit more than can fit: the character that this slice may have split is never taken.
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  for (const { segment } of graphemes.segment(whole.slice(0, most + 1))) {
    const piece = safe(segment)
    used += size(piece)
    if (used > room) break
    shown += piece
  }
  return shown + ellipsis
}

/** Escaped texts that together are at most `most`: the longest give way, the short ones stay whole. */
export function fitted(texts: string[], most: number, how: How = {}): string[] {
  const { safe = asItIs, size = units } = how
  const share = shareOf(
    texts.map(text => size(safe(text.slice(0, most + 1)))),
    most,
  )
  return texts.map(text => cut(text, share, how))
}

/**
 * Fields as pairs of label and value, escaped, that together are at most `most`: labels stay whole, the longest values
 * give way. `label` writes a label, `gap` is what stands between two fields.
 */
export function fittedFields(
  fields: [label: string, value: string][],
  most: number,
  how: How & { label(text: string): string; gap: number },
): [label: string, value: string][] {
  const { size = units, label, gap } = how
  const labels = fields.map(([text]) => (text === '' ? '' : label(text)))
  const taken = labels.reduce((sum, text) => sum + size(text) + gap, 0)
  const values = fitted(
    fields.map(([, value]) => value),
    Math.max(0, most - taken),
    how,
  )
  return values.map((value, at) => [labels[at] ?? '', value])
}

/** How much each may have, so that all have at most `most` together. */
function shareOf(sizes: number[], most: number): number {
  let left = most
  for (const [at, size] of sizes.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (sizes.length - at))
    if (size > share) return share
    left -= size
  }
  return most
}

const asItIs = (text: string) => text
const ellipsis = '…'
// Made for the first text that is cut: its tables take longer to read than a delivery.
let graphemes: Intl.Segmenter | undefined
