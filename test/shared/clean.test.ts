import { describe, expect, it } from 'vitest'
import { clean, oneLine } from '../../shared/clean.ts'

describe('clean()', () => {
  it.each([
    ['a\u001b[31mb\u0000c\u009bd', 'a[31mbcd'],
    ['user\u202egpj.exe', 'usergpj.exe'],
    ['a\u200bb\u2060c\ufeffd\u00ade', 'abcde'],
    ['a\r\nb\rc\u2028d\u0085e', 'a\nb\nc\nd\ne'],
    ['tab\there', 'tab here'],
    ['half\ud800', 'half\ufffd'],
    [`Z${'\u0301'.repeat(999)}!`, `Z${'\u0301'.repeat(8)}!`],
    ['节点 é 👍🏽 naïve', '节点 é 👍🏽 naïve'],
  ])('makes of %j %j', (text, shown) => {
    expect(clean(text)).toBe(shown)
  })

  it('can make one line of it', () => {
    expect(oneLine(' a\n\n b\tc ')).toBe('a b c')
  })
})
