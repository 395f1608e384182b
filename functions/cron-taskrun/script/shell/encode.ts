import { shellQuoted } from '../quote.ts'
import type { Quoting } from './pieces.ts'

/** A text as it has to be written where quoting is already open, so that the shell makes that text of it. */
export function written(text: string, quoting: Quoting): string {
  switch (quoting) {
    case 'double':
      return text.replaceAll(/[\\"$`]/g, '\\$&')
    case 'document':
      return text.replaceAll(/[\\$`]/g, '\\$&')
    case 'backtick':
      return text.replaceAll(/[\\`]/g, '\\$&')
    case 'single':
      return text.replaceAll("'", `'\\''`)
    case 'ansi':
      return text.replaceAll(/[\\']/g, '\\$&')
    case 'bare':
      return shellQuoted(text)
    case 'verbatim':
    case 'between':
      return text
  }
}

/** What the shell replaces by the value of a variable, as one piece, where quoting is already open. */
export function expansion(name: string, quoting: Quoting, rest = ''): string {
  switch (quoting) {
    case 'single':
      return `'"\${${name}}"'`
    case 'ansi':
      // Not every shell knows $'…': where nothing needs it any more, quotes that all of them know go on.
      return rest.includes('\\') ? `'"\${${name}}"$'` : `'"\${${name}}"'`
    case 'bare':
      return `"\${${name}}"`
    default:
      return `\${${name}}`
  }
}

const marks: Partial<Record<Quoting, [string, string]>> = {
  single: ["'", "'"],
  double: ['"', '"'],
  ansi: ["$'", "'"],
}

/** What goes from one open quoting to another. */
export function between(one: Quoting, other: Quoting): string {
  if (one === other) return ''
  return (marks[one]?.[1] ?? '') + (marks[other]?.[0] ?? '')
}
