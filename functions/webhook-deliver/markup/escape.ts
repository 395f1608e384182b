/** For Slack's text objects ("Formatting message text": only these three act). */
export const forSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** For HTML, text and attributes alike. */
export const forHtml = (text: string): string => forSlack(text).replaceAll('"', '&quot;')

/** For Markdown that honours a backslash before any punctuation (CommonMark 2.4; Discord's does). */
export const forMarkdown = (text: string): string => text.replaceAll(/[!-/:-@[-`{-~]/g, '\\$&')

/**
 * For Markdown that documents no escape (DingTalk, WeCom): on one line, the characters that links, mentions, images,
 * tags, tables, code and, in front, headings are made of by their full-width twins, and no "://" that a client would
 * make a link of.
 */
export const defused = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[&<>[\]*`|\\]/g, twin)
    .replace(/^\s*[#+=~-]/, twin)
    .replaceAll('://', `:${joiner}//`)

/** For texts in which `<at …>` calls people, and nothing else is markup. */
export const withoutAt = (text: string): string => text.replaceAll(/<(?=\s*\/?\s*at\b)/gi, `<${joiner}`)

/** For Adaptive Cards, which also work out `{{DATE(…)}}`. */
export const forCard = (text: string): string => withoutAt(text).replaceAll('{{', `{${joiner}{`)

// Unicode has the printable ASCII characters once more, as wide as Chinese ones, this far behind.
const twin = (character: string) => String.fromCodePoint(character.trim().charCodeAt(0) + 0xfee0)
// U+2060 is not seen, and no line is broken there.
const joiner = '\u2060'
