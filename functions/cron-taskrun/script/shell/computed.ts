import { type Held, heldBy } from './held.ts'
import type { Known } from './known.ts'

/** Where a shell computes: a value there is read as an expression, whose subscripts may run commands. */
const computing = [
  /\(\((?:[^()]|\((?:[^()]|\([^()]{0,100}\)){0,100}\)){0,500}\)\)/g,
  /\$\[[^\]\n]{0,500}\]/g,
  /(?<![\w.-])let\s[^\n;]*/g,
  /(?<![\w.-])(?:declare|local|typeset)\s+-[A-Za-z]*i[^\n;]*/g,
  /\$\{[\w@]*:([^-=?+}\n][^}\n]*)/g,
]
const subscripts = [
  /\$\{[!#]?\w+\[([^\]\n]{0,500})\]/g,
  /(?<![\w$.{])\w+\[([^\]\n]{0,500})\]\+?=/g,
  /[(\s]\[([^\]\n]{0,500})\]=/g,
]
const comparison = /(\S+)\s+-(?:eq|ne|lt|le|gt|ge)\s+(\S+)/g

/** Where a value is the name of a variable, whose subscript may run commands, or is read as a prompt or an alias. */
const naming = [
  /\$\{!\s*\w+/g,
  /\$\{\w+@\w\}/g,
  /(?<![\w.-])(?:PS4|PROMPT_COMMAND)=[^\n]*/g,
  /(?<![\w.-])alias\s[^\n]*/g,
  /(?<![\w.-])(?:\[\[?|test|printf)\s+(?:!\s+)?-v\s+\S+/g,
  /(?<![\w.-])(?:declare|export|readonly|local|typeset|read|unset)\s+(?:-\w+\s+)*"?(?:\w+\[)?\$[^\s;|&]+/g,
  /(?<![\w.-])(?:declare|local|typeset)\s+-[A-Za-z]*n[^\n;]*/g,
]

/** What a value must be where the shell computes with it or takes it for a name, be it ours or held by a variable. */
export function demandComputed(text: string, about: { known: Known; held: Held; own: Set<string> }): void {
  const within = (patterns: RegExp[]) =>
    patterns.flatMap(pattern => [...text.matchAll(pattern)].map(([whole, inner]) => inner ?? whole))
  const compared = within([/\[\[[^\n]{0,1000}?\]\]/g]).flatMap(test =>
    [...test.matchAll(comparison)].flatMap(([, left = '', right = '']) => [left, right]),
  )
  const places = [
    ...within(computing),
    ...compared,
    // Those of an array by names are texts.
    ...(/(?:declare|local|typeset)\s+-[A-Za-z]*A/.test(text) ? [] : within(subscripts)),
    ...integers(text),
  ]
  for (const place of places) demandAt(place, 'number', 'arithmetic of the shell', about)
  for (const place of within(naming)) demandAt(place, 'harmless', 'a name of the shell', about)
}

/** What is given to variables that were declared as integers. */
function integers(text: string): string[] {
  const declared = [...text.matchAll(/(?:declare|local|typeset)\s+-[A-Za-z]*i[A-Za-z]*\s+([\w \t]+)/g)]
  const names = declared.flatMap(([, list = '']) => list.trim().split(/\s+/))
  return names.flatMap(name => text.match(new RegExp(`(?<![\\w$.-])${name}\\+?=[^\\n;]*`, 'g')) ?? [])
}

function demandAt(
  place: string,
  rule: 'harmless' | 'number',
  where: string,
  { known, held, own }: { known: Known; held: Held; own: Set<string> },
): void {
  for (const [, odd, name = ''] of place.matchAll(/\$\{([^{}\n]+)\}|([A-Za-z_]\w*|(?<=\$\{?)[\d@*]+)/g)) {
    // A length is a number.
    if (odd?.startsWith('#')) continue
    const called = name || (/^!?([A-Za-z_]\w*|[\d@*]+)/.exec(odd ?? '')?.[1] ?? '')
    if (odd && known.knows(odd) && !own.has(odd)) known.demand(odd, rule, where)
    else if (known.knows(called) && !own.has(called)) known.demand(called, rule, where)
    for (const ours of heldBy(called, held)) known.demand(ours, 'harmless', where)
  }
}
