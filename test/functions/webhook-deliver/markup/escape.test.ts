import { describe, expect, it } from 'vitest'
import {
  defused,
  forCard,
  forHtml,
  forMarkdown,
  forSlack,
  withoutAt,
} from '../../../../functions/webhook-deliver/markup/escape.ts'

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
