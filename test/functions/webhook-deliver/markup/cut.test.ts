import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bytes,
  cut,
  fitted,
  fittedFields,
  jsonBytes,
  units,
} from '../../../../functions/webhook-deliver/markup/cut.ts'
import { forHtml, forMarkdown, forSlack } from '../../../../functions/webhook-deliver/markup/escape.ts'
import { hostile } from '../sinks/shipments.ts'

const measures = fc.constantFrom(units, bytes, jsonBytes)
const escapes = fc.constantFrom((text: string) => text, forHtml, forMarkdown, forSlack)
const graphemes = (text: string) => [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment)

describe('cut()', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['a👨‍👩‍👧‍👦b', 13, 'a👨‍👩‍👧‍👦b'],
    ['a👨‍👩‍👧‍👦bc', 13, 'a👨‍👩‍👧‍👦…'],
    ['a👨‍👩‍👧‍👦bc', 12, 'a…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('makes of %j with %i units %j', (text, most, shown) => {
    expect(cut(text, most)).toBe(shown)
  })

  it('counts what the service counts', () => {
    expect(cut('节点节点', 9, { size: bytes })).toBe('节点…')
    expect(cut('"""""', 7, { size: jsonBytes })).toBe('""…')
    expect(cut('<<<<', 12, { safe: forSlack })).toBe('&lt;&lt;…')
  })

  it('is never longer than allowed, and only drops whole characters at the end', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.integer({ min: 3, max: 4_000 }),
        measures,
        escapes,
        (text, most, size, safe) => {
          const shown = cut(text, most, { size, safe })
          expect(size(shown)).toBeLessThanOrEqual(most)
          const all = graphemes(text.toWellFormed())
          const kept = shown === safe(all.join('')) ? all.length : longestKept(shown.slice(0, -1), all, safe)
          expect(kept).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})

/** How many characters a text has of those that it was made of; -1 when one of them is not whole. */
function longestKept(shown: string, all: string[], safe: (text: string) => string): number {
  let made = ''
  for (const [at, one] of all.entries()) {
    if (made === shown) return at
    made += safe(one)
  }
  return made === shown ? all.length : -1
}

describe('fitted()', () => {
  it('cuts the longest and leaves the short', () => {
    expect(fitted(['ab', 'c'.repeat(50), 'd'.repeat(9)], 21)).toEqual([
      'ab',
      `${'c'.repeat(9)}…`.slice(-10),
      'd'.repeat(9),
    ])
  })

  it('fits any texts', () => {
    fc.assert(
      fc.property(
        fc.array(hostile, { maxLength: 10 }),
        fc.integer({ min: 100, max: 9_000 }),
        measures,
        (texts, most, size) => {
          const all = fitted(texts, most, { size })
          expect(all.reduce((sum, text) => sum + size(text), 0)).toBeLessThanOrEqual(most)
        },
      ),
    )
  })
})

describe('fittedFields()', () => {
  it('keeps labels whole and counts what stands between fields', () => {
    const fields: [string, string][] = [
      ['kind', 'pod'],
      ['', 'x'.repeat(99)],
    ]
    const lines = fittedFields(fields, 30, { label: text => `${text}: `, gap: 1 })
    expect(lines).toEqual([
      ['kind: ', 'pod'],
      ['', `${'x'.repeat(18)}…`],
    ])
    expect(lines.map(pair => pair.join('')).join('\n')).toHaveLength(29)
  })
})
