import type { Condition, Operand } from './condition.ts'

const words: Record<string, boolean> = {
  ...{ true: true, yes: true, on: true, '1': true },
  ...{ false: false, no: false, off: false, '0': false },
}
type Comparison = 'equal' | 'different' | 'less' | 'atMost' | 'more' | 'atLeast'
const comparisons = new Map<string, Comparison>([
  ['==', 'equal'],
  ['!=', 'different'],
  ['<=', 'atMost'],
  ['=<', 'atMost'],
  ['>=', 'atLeast'],
  ['<', 'less'],
  ['>', 'more'],
])
const deepest = 50
const longest = 4096

class Unreadable extends Error {}

/**
 * Reads what `when` or `allowfailure` says:
 *
 *     either     = both { ("||" | "or") both }
 *     both       = one { ("&&" | "and") one }
 *     one        = ("not" | "!") one | "(" either ")" | ("startwith" | "endwith") "(" text "," text ")"
 *                | text [("==" | "!=" | "<" | "<=" | "=<" | ">" | ">=") text]
 *     text       = "…" | '…' | anything without those signs, "${…}" whole
 *
 * `${name}` stays as it is; alone, `${steps.name.output}` is the output of a step.
 */
export function readCondition(text: string): Condition | { problem: string } {
  try {
    return read(text)
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message }
    throw error
  }
}

function read(text: string): Condition {
  let at = 0
  let depth = 0
  const shown = text.length > 100 ? `${text.slice(0, 99)}…` : text
  const fail = (why: string, where = at): never => {
    throw new Unreadable(`${why} at position ${where} of ${JSON.stringify(shown)}`)
  }
  const blanks = () => {
    while (/\s/.test(text[at] ?? '')) at++
  }
  const take = (pattern: RegExp): string | undefined => {
    blanks()
    pattern.lastIndex = at
    const match = pattern.exec(text)?.[0]
    at += match?.length ?? 0
    return match
  }

  const chain = (is: 'both' | 'either', sign: RegExp, part: () => Condition): Condition => {
    const first = part()
    const more: Condition[] = []
    while (take(sign)) more.push(part())
    return more.length ? { is, of: [first, ...more] } : first
  }
  const either = (): Condition => chain('either', /\|\||or(?=[\s(!])/iy, both)
  const both = (): Condition => chain('both', /&&|and(?=[\s(!])/iy, one)

  const one = (): Condition => {
    if (++depth > deepest) fail('It goes too deep')
    try {
      if (take(/!(?!=)|not(?=[\s(])/iy)) return { is: 'not', of: one() }
      const call = take(/(start|end)s?with\s*\(/iy)
      if (call) return called(/^s/i.test(call) ? 'starts' : 'ends')
      if (take(/\(/y)) {
        const inner = either()
        if (!take(/\)/y)) fail('Expected ")"')
        return inner
      }
      return comparison()
    } finally {
      depth--
    }
  }

  const called = (is: 'starts' | 'ends'): Condition => {
    const whole = operand(true).operand
    if (!take(/,/y)) fail('Expected ","')
    const part = operand(true).operand
    if (!take(/\)/y)) fail('Expected ")"')
    return { is, text: whole, with: part }
  }

  const comparison = (): Condition => {
    const left = operand(false)
    const is = comparisons.get(take(/[=!<>]=|=<|[<>]/y) ?? '')
    if (is) return { is, left: left.operand, right: operand(false).operand }
    if ('step' in left.operand || left.quoted || left.operand.text.includes('${'))
      return { is: 'truth', of: left.operand }
    const word = left.operand.text.toLowerCase()
    const value = Object.hasOwn(words, word) ? words[word] : undefined
    if (value !== undefined) return { is: 'constant', value }
    return fail(
      `${JSON.stringify(left.operand.text)} is neither true nor false, and compared with nothing: it stands`,
      left.from,
    )
  }

  const operand = (inCall: boolean): { operand: Operand; quoted: boolean; from: number } => {
    blanks()
    const from = at
    const quote = text[at]
    if (quote === '"' || quote === "'") {
      const stop = text.indexOf(quote, at + 1)
      if (stop < 0) fail('A quotation is not closed, which starts')
      at = stop + 1
      return { operand: asOperand(text.slice(from + 1, stop)), quoted: true, from }
    }
    const bare = inCall ? /(?:\$\{[^{}]*\}|[^()=!<>&|,]|[&|](?![&|]))*/y : bareText
    const found = take(bare)?.trimEnd() ?? ''
    if (text[at] === '(')
      fail(`There is no function ${JSON.stringify(found)}: there are startwith and endwith; it stands`, from)
    if (found === '') fail('Expected a text')
    return { operand: asOperand(found), quoted: false, from }
  }

  if (text.length > longest) fail(`It has ${text.length} characters, at most ${longest} are allowed`, longest)
  const condition = either()
  blanks()
  if (at < text.length) fail(`Unexpected ${JSON.stringify(text.slice(at, at + 10))}`)
  return condition
}

// Up to a sign, or the words between two conditions.
const bareText = /(?:\$\{[^{}]*\}|(?!\s(?:and|or)[\s(!])[^()=!<>&|]|[&|](?![&|])|!(?!=))*/iy

const asOperand = (text: string): Operand => {
  const step = /^\s*\$\{steps\.([^.{}\s]+)\.output\}\s*$/.exec(text)?.[1]
  return step === undefined ? { text } : { step }
}
