import { describe, expect, it } from 'vitest'
import { clean, oneLine } from '../../../../functions/webhook-deliver/markup/clean.ts'
import {
  defused,
  forCard,
  forHtml,
  forMarkdown,
  forSlack,
  withoutAt,
} from '../../../../functions/webhook-deliver/markup/escape.ts'

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

describe('a text of strangers', () => {
  it.each([
    [forSlack, '<!channel> & <https://x|y>', '&lt;!channel&gt; &amp; &lt;https://x|y&gt;'],
    [forHtml, '<a href="x">&lt;', '&lt;a href=&quot;x&quot;&gt;&amp;lt;'],
    [forMarkdown, '@everyone **a** [b](c) `d`', '\\@everyone \\*\\*a\\*\\* \\[b\\]\\(c\\) \\`d\\`'],
    [
      defused,
      '[a](https://b) <@ann> ![c](d) `e` *f*',
      '［a］(https:\u2060//b) ＜@ann＞ !［c］(d) ｀e｀ ＊f＊',
    ],
    [defused, ' # head\n> quote\n&lt;', '＃ head ＞ quote ＆lt;'],
    [withoutAt, '<at id=all></at> < AT > <attach>', '<\u2060at id=all><\u2060/at> <\u2060 AT > <attach>'],
    [forCard, '{{DATE(x)}} <at>', '{\u2060{DATE(x)}} <\u2060at>'],
  ] as const)('is made harmless by %o: %j', (safe, text, shown) => {
    expect(safe(text)).toBe(shown)
  })
})
