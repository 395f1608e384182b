import type { Known } from './known.ts'
import type { Program } from './languages.ts'
import type { Reference, Scan } from './pieces.ts'
import { placeInSed } from './sed.ts'

/** What a program of another language makes of a value nobody knows: it has to be harmless there. */
export function demandCode(
  { name, from, of }: Reference,
  program: Program & { is: 'sed' | 'code' },
  known: Known,
) {
  const where = `${program.by} in a shell`
  const at = of?.units.findIndex(unit => unit.from === from) ?? -1
  const place = program.is === 'sed' && of ? placeInSed(of.text, at) : undefined
  if (place?.in === 'commands') known.demand(name, 'number', where)
  else known.demand(name, 'harmless', where, place?.in === 'part' ? place.delimiter : undefined)
}

/** Where a shell computes, a value is read as an expression, which may run commands. */
export function demandNumbers({ commands, references }: Scan, taken: Set<string>, known: Known) {
  const computed = commands.flatMap(({ words }) => {
    const [first] = words
    if (first?.text === 'let') return words.slice(1)
    if (first?.text !== '[[') return []
    return words.flatMap((word, at) =>
      /^-(eq|ne|lt|le|gt|ge)$/.test(word.text) ? [words[at - 1], words[at + 1]] : [],
    )
  })
  for (const { name, arithmetic, of } of references) {
    if (taken.has(name) || !(arithmetic || computed.some(word => word === of && word))) continue
    known.demand(name, 'number', 'arithmetic of the shell')
  }
}
