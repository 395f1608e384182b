// biome-ignore-all lint/suspicious/noTemplateCurlyInString: scripts are full of them
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shellQuoted } from '../../../../../functions/cron-taskrun/script/quote.ts'
import { hostile, runStep, shells } from '../world.ts'

// Scripts of any depth, made together with what they have to print: a text with values of variables in it.

type Part = string | { name: 'v' | 'my-var' }
type Quoted = 'single' | 'double' | 'mixed' | 'quoted document' | 'document'
type Made = { prints: Part[]; as: Quoted } | { wraps: Made[]; as: Wrapping }
const wrappings = [
  ...(['subshell', 'substitution', 'backticks', 'if', 'case', 'function', 'loop'] as const),
  ...([
    'sh -c',
    'sh -c open',
    'sh -c escaped',
    'eval',
    'eval open',
    'eval later',
    'env -i',
    'env -i open',
  ] as const),
  ...(['to sh', 'to sh open', 'to env -i', 'piped'] as const),
]
type Wrapping = (typeof wrappings)[number]

const reference = /\$\{(?:v|my-var)\}/y
/** Escaped for double quotes and the like; with `open`, our references are not. */
function escaped(text: string, signs: RegExp, open: boolean): string {
  let made = ''
  for (let at = 0; at < text.length; at++) {
    reference.lastIndex = at
    const found = open ? reference.exec(text)?.[0] : undefined
    made += found ?? (signs.test(text[at] ?? '') ? `\\${text[at]}` : text[at])
    at += (found?.length ?? 1) - 1
  }
  return made
}
const inDouble = (text: string, open: boolean) => `"${escaped(text, /[\\"$`]/, open)}"`
const inDocument = (text: string, open: boolean) => escaped(text, /[\\$`]/, open)

let documents = 0
const said = (part: Part) => (typeof part === 'string' ? part : `\${${part.name}}`)

function script(made: Made): string {
  if ('prints' in made) return printing(made.prints, made.as)
  const inner = made.wraps.map(script).join('\n')
  const end = `E${documents++}`
  const wrapped: Record<Wrapping, () => string> = {
    subshell: () => `(\n${inner}\n)`,
    substitution: () => `a=$(\n${inner}\n) && printf %s "$a"`,
    backticks: () => `a=\`${escaped(inner, /[\\`]/, false)}\`; printf %s "$a"`,
    if: () => `if :; then\n${inner}\nfi # it's "so"`,
    case: () => `case x in (y|z) echo no;; x)\n${inner}\n;; esac`,
    function: () => `f${end}() {\n${inner}\n}\nf${end}`,
    loop: () => `for i in 1; do\n${inner}\ndone`,
    'sh -c': () => `sh -c ${shellQuoted(inner)}`,
    'sh -c open': () => `sh -c ${inDouble(inner, true)}`,
    'sh -c escaped': () => `sh -ec ${inDouble(inner, false)}`,
    'eval later': () => `c${end}=${inDouble(inner, true)}; eval "$c${end}"`,
    eval: () => `eval ${shellQuoted(inner)}`,
    'eval open': () => `eval ${inDouble(inner, true)}`,
    'env -i': () => `env -i /bin/sh -c ${shellQuoted(inner)}`,
    'env -i open': () => `env -i /bin/sh -c ${inDouble(inner, true)}`,
    'to sh': () => `sh <<'${end}'\n${inner}\n${end}`,
    'to sh open': () => `sh <<${end}\n${inDocument(inner, true)}\n${end}`,
    'to env -i': () => `env -i /bin/sh -s <<"${end}"\n${inner}\n${end}`,
    piped: () => `cat <<'${end}' | sh\n${inner}\n${end}`,
  }
  return wrapped[made.as]()
}

function printing(parts: Part[], as: Quoted): string {
  const text = parts.map(said).join('')
  const end = `P${documents++}`
  switch (as) {
    case 'single':
      return `printf '%s|' '${parts.map(part => (typeof part === 'string' ? part.replaceAll("'", `'\\''`) : said(part))).join('')}'`
    case 'double':
      return `printf '%s|' ${inDouble(text, true)}`
    case 'mixed':
      return `printf '%s|' ''${parts.map((part, n) => (n % 2 ? inDouble(said(part), true) : `'${said(part).replaceAll("'", `'\\''`)}'`)).join('')}`
    case 'quoted document':
      return `cat <<'${end}' | tr '\\n' '|'\n${text}\n${end}`
    case 'document':
      return `cat <<${end} | tr '\\n' '|'\n${inDocument(text, true)}\n${end}`
  }
}

function printed(made: Made, values: Record<string, string>): string {
  if ('wraps' in made) return made.wraps.map(one => printed(one, values)).join('')
  const text = made.prints.map(part => (typeof part === 'string' ? part : (values[part.name] ?? ''))).join('')
  return made.as.endsWith('document') ? `${text}\n`.replaceAll('\n', '|') : `${text}|`
}

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.constantFrom<Part>({ name: 'v' }, { name: 'v' }, { name: 'my-var' }),
  fc.constantFrom(
    "'",
    '"',
    '\\',
    '$',
    '`',
    'x',
    ' ',
    '#',
    ';',
    '(',
    ')',
    '*',
    '${',
    '}',
    '$x',
    '$(',
    '\\n',
    '<<E',
    'é',
  ),
)
const { made } = fc.letrec<{ made: Made }>(tie => ({
  made: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({
      prints: fc.array(part, { maxLength: 6 }),
      as: fc.constantFrom<Quoted>('single', 'double', 'mixed', 'quoted document', 'document'),
    }),
    fc.record({
      wraps: fc.array(tie('made'), { minLength: 1, maxLength: 2 }),
      as: fc.constantFrom(...wrappings),
    }),
  ),
}))
const value = fc.oneof(
  fc.constantFrom(...Object.values(hostile)),
  fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '$',
        '`',
        '$(touch pwned)',
        '`touch pwned`',
        ';touch pwned',
        '\n',
        'P1',
        ' ',
        'é',
      ),
      { maxLength: 8 },
    )
    .map(all => all.join('')),
)

describe.each(shells.map(shell => [shell.join(' '), shell] as const))('any script under %s', (_, shell) => {
  it('prints values as they are, and runs none of them', () => {
    fc.assert(
      fc.property(fc.array(made, { minLength: 1, maxLength: 3 }), value, value, (all, v, other) => {
        documents = 0
        const values = { v, 'my-var': other }
        const { stdout, files } = runStep(shell, all.map(script).join('\n'), values)
        const expected = all.map(one => printed(one, values)).join('')
        expect({ stdout, files }).toEqual({ stdout: expected, files: [] })
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 150) },
    )
  })
})
