import { describe, expect, it } from 'vitest'
import { endOf } from '../../../../functions/cron-taskrun/ssh/signals.ts'
import { after, wordsOf } from '../../../../functions/cron-taskrun/ssh/words.ts'

/** Hands a text over in pieces of each size, so that every cut is met. */
function inPieces(text: string, take: (hear: (word: string | Buffer) => void) => (chunk: Buffer) => void) {
  return [1, 2, 7, text.length].map(size => {
    const heard: string[] = []
    const push = take(word => void heard.push(word.toString()))
    for (let at = 0; at < text.length; at += size) push(Buffer.from(text.slice(at, at + size)))
    return heard
  })
}

describe('what a host says', () => {
  it('is told from what a login shell prints', () => {
    const text = 'Welcome!\nn-1 ready\nn-2 exit 0\nno newline n-1 exit 3\nn-1 unfinished'
    for (const heard of inPieces(text, hear => wordsOf('n-1', hear)))
      expect(heard).toEqual(['ready', 'exit 3'])
  })

  it('is output from its line on', () => {
    for (const heard of inPieces('Welcome!\nn-1\na\nn-1\nb', hear => after('n-1', hear)))
      expect(heard.join('')).toBe('a\nn-1\nb')
  })

  it.each([
    [0, { code: 0 }],
    [3, { code: 3 }],
    [128, { code: 128 }],
    [137, { signal: 'SIGKILL' }],
    [255, { code: 255 }],
  ])('%i at its end is %j', (status, end) => {
    expect(endOf(status)).toEqual(end)
  })
})
