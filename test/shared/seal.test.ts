import { describe, expect, it } from 'vitest'
import { isSealKey, sealWith } from '../../shared/seal.ts'

const one = Buffer.alloc(32, 1).toString('base64')
const two = Buffer.alloc(32, 2).toString('base64')

describe('sealWith()', () => {
  it('opens what it closed, and never closes the same way twice', () => {
    const seal = sealWith(one)
    const [first, second] = [seal.close('https://x/?key=ß', 'ns/a'), seal.close('https://x/?key=ß', 'ns/a')]
    expect(first).not.toBe(second)
    expect(seal.open(first, 'ns/a')).toBe('https://x/?key=ß')
    expect(seal.open(second, 'ns/a')).toBe('https://x/?key=ß')
  })

  it('opens with any key what an earlier first key closed', () => {
    const old = sealWith(one).close('text', 'ns/a')
    expect(sealWith(`${two}, ${one}`).open(old, 'ns/a')).toBe('text')
  })

  it.each([
    ['with another key', (sealed: string) => sealWith(two).open(sealed, 'ns/a')],
    ['for another hook', (sealed: string) => sealWith(one).open(sealed, 'ns/b')],
    ['when a bit was changed', (sealed: string) => sealWith(one).open(flipped(sealed), 'ns/a')],
    ['when it was cut', (sealed: string) => sealWith(one).open(sealed.slice(0, 20), 'ns/a')],
    ['when it is empty', () => sealWith(one).open('', 'ns/a')],
  ])('does not open %s', (_, open) => {
    expect(() => open(sealWith(one).close('text', 'ns/a'))).toThrow(
      /^Cannot open what is sealed for "ns\/[ab]"/,
    )
  })

  it('says which keys it takes', () => {
    expect(isSealKey(`${one},${two}`)).toBe(true)
    expect(isSealKey('short')).toBe(false)
    expect(() => sealWith('short')).toThrow('it has to be 32 in base64')
  })
})

function flipped(sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64')
  bytes[30] = (bytes[30] ?? 0) ^ 1
  return bytes.toString('base64')
}
