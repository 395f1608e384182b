/**
 * A text of strangers without what cannot be seen and still acts: controls (ESC, BEL …), bidirectional overrides,
 * zero-width characters, tags, halves of surrogate pairs, heaps of accents. Lines end with "\n"; what is left is shown
 * as it stands.
 */
export const clean = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(lineEnds, '\n')
    .replaceAll('\t', ' ')
    .replaceAll(unseen, '')
    .replaceAll(heaps, '$1')

/** The same on one line, without blanks around it. */
export const oneLine = (text: string): string => clean(text).replaceAll(/\s+/g, ' ').trim()

const lineEnds = /\r\n?|[\u0085\u2028\u2029]/g
const unseen = /(?!\n)[\p{Cc}\p{Cf}]/gu
// No writing needs more marks on a character; with thousands it would be too long to be shown at all.
const heaps = /(\p{M}{8})\p{M}+/gu
