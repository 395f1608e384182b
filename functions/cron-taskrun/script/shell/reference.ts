import type { Edit } from './edits.ts'
import { expansion } from './encode.ts'
import type { Held } from './held.ts'
import type { Known } from './known.ts'
import type { Reference } from './pieces.ts'

/** How a script stands in the one around it, if it does. */
export type Inside = {
  /** Is it read by a shell of its own, so that what the outer one would put in has to wait? */
  again: boolean
  /** Is the environment gone there? */
  lost: boolean
  /** Names that a script around it gives values of its own. */
  taken: Set<string>
  /** What it prints is a part of a program. */
  feeds: boolean
  /** Which of our values variables of the scripts around it hold. */
  held: Held
  depth: number
}

/** What becomes of a reference where it stands; undefined where nothing has to, or its document sees to it. */
export function edited(
  text: string,
  { name, from, to, quoting, loose }: Reference,
  known: Known,
  { again, lost, taken }: Inside,
): Edit | undefined {
  const variable = known.variable(name)
  if (lost && known.isLate(name)) {
    known.demand(name, 'harmless', 'a shell without its environment')
    return { from, to, live: variable }
  }
  if (quoting === 'verbatim') return undefined
  if (quoting === 'single' || quoting === 'ansi') {
    return { from, to, text: expansion(variable, quoting, quoting === 'ansi' ? restOf(text, to) : '') }
  }
  if (again && !taken.has(name)) return { from, to, text: loose ? text.slice(from, to) : `\${${variable}}` }
  return variable === name || loose ? undefined : { from, to, text: `\${${variable}}` }
}

function restOf(text: string, from: number): string {
  const stop = /(?:[^\\']|\\.)*/sy
  stop.lastIndex = from
  return stop.exec(text)?.[0] ?? ''
}
