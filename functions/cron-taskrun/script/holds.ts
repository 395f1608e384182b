import type { Condition, Operand } from './condition.ts'

type Answer = boolean | { problem: string }

/** Does it hold, with these outputs? Or why that cannot be told. `shellTest` says the same in a shell. */
export function holds(condition: Condition, outputOf: (step: string) => string): Answer {
  const textOf = (operand: Operand) => ('step' in operand ? outputOf(operand.step) : operand.text)
  switch (condition.is) {
    case 'constant':
      return condition.value
    case 'truth':
      return truthOf(textOf(condition.of), condition.of)
    case 'not': {
      const answer = holds(condition.of, outputOf)
      return typeof answer === 'boolean' ? !answer : answer
    }
    case 'both':
    case 'either': {
      const decides = condition.is === 'either'
      for (const one of condition.of) {
        const answer = holds(one, outputOf)
        if (typeof answer !== 'boolean' || answer === decides) return answer
      }
      return !decides
    }
    case 'starts':
      return textOf(condition.text).startsWith(textOf(condition.with))
    case 'ends':
      return textOf(condition.text).endsWith(textOf(condition.with))
    case 'equal':
      return alike(textOf(condition.left), textOf(condition.right))
    case 'different':
      return !alike(textOf(condition.left), textOf(condition.right))
    case 'less':
    case 'atMost':
    case 'more':
    case 'atLeast':
      return ordered({ ...condition, is: condition.is }, textOf)
  }
}

type Ordered = { is: 'less' | 'atMost' | 'more' | 'atLeast'; left: Operand; right: Operand }

function ordered({ is, left, right }: Ordered, textOf: (operand: Operand) => string): Answer {
  const [one, other] = [numberIn(textOf(left)), numberIn(textOf(right))]
  if (one === undefined) return { problem: noNumber(left, textOf(left)) }
  if (other === undefined) return { problem: noNumber(right, textOf(right)) }
  const difference = compared(one, other)
  switch (is) {
    case 'less':
      return difference < 0
    case 'atMost':
      return difference <= 0
    case 'more':
      return difference > 0
    case 'atLeast':
      return difference >= 0
  }
}

/** Whose text it is that cannot be read. */
export const whose = (operand: Operand) =>
  'step' in operand ? `The output of step "${operand.step}"` : 'The value'

const start = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text)
const noNumber = (operand: Operand, text: string) => `${whose(operand)} is no number: ${start(text)}`

// Letters beyond ASCII are as they are: what `tr` does with them depends on the image.
const lower = (text: string) => text.replaceAll(/[A-Z]/g, letter => letter.toLowerCase())
const trimmed = (text: string) => text.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '')
const bare = (text: string) => {
  const inner = trimmed(text)
  return /^(".*"|'.*')$/s.test(inner) ? inner.slice(1, -1) : inner
}
const alike = (one: string, other: string) => lower(bare(one)) === lower(bare(other))

function truthOf(text: string, operand: Operand): Answer {
  const word = lower(bare(text))
  if (['true', 'yes', 'on', '1'].includes(word)) return true
  if (['false', 'no', 'off', '0', ''].includes(word)) return false
  return { problem: `${whose(operand)} is neither true nor false: ${start(text)}` }
}

/** The most characters of a number: beyond that it is something else. */
export const longestNumber = 60

type Decimal = { whole: string; part: string; minus: boolean }

function numberIn(text: string): Decimal | undefined {
  const number = bare(text)
  const read = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(number)
  if (!read || number.length > longestNumber || !/\d/.test(number)) return undefined
  return { minus: read[1] === '-', whole: read[2] ?? '', part: read[3] ?? '' }
}

function compared(one: Decimal, other: Decimal): number {
  const places = Math.max(one.part.length, other.part.length)
  const scaled = ({ minus, whole, part }: Decimal) =>
    BigInt(`${minus ? '-' : ''}0${whole}${part.padEnd(places, '0')}`)
  const difference = scaled(one) - scaled(other)
  return difference < 0n ? -1 : Number(difference > 0n)
}
