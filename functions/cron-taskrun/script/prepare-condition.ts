import type { Condition, Operand } from './condition.ts'
import type { Names } from './names.ts'
import { readCondition } from './read-condition.ts'
import { Refusal } from './refusal.ts'

/** A condition of a step with the values of variables in it, each as one text whatever it holds; undefined: none. */
export function preparedCondition(text: string, field: string, names: Names): Condition | undefined {
  if (text.trim() === '') return undefined
  const read = readCondition(text)
  if ('problem' in read) throw new Refusal(`Cannot read "${field}" of step "${names.step}": ${read.problem}`)
  names.check(text)
  const made = mapped(read, operand => filled(operand, field, names))
  // As in the older system: a variable without a value is no condition.
  return made.is === 'truth' && 'text' in made.of && made.of.text.trim() === '' ? undefined : made
}

function filled(operand: Operand, field: string, names: Names): Operand {
  if ('step' in operand) {
    names.uses.add(operand.step)
    return operand
  }
  const text = operand.text.replaceAll(/\$\{([^{}\n]+)\}/g, (whole, name: string) => {
    const value = names.knows(name) ? names.value(name) : undefined
    if (names.knows(name) && value === undefined) {
      throw new Refusal(
        `Cannot read "${field}" of step "${names.step}": ${whole} has to stand alone on its side of a comparison`,
      )
    }
    return value ?? whole
  })
  return { text }
}

function mapped(condition: Condition, map: (operand: Operand) => Operand): Condition {
  switch (condition.is) {
    case 'constant':
      return condition
    case 'truth':
      return { is: 'truth', of: map(condition.of) }
    case 'not':
      return { is: 'not', of: mapped(condition.of, map) }
    case 'both':
    case 'either':
      return { is: condition.is, of: condition.of.map(one => mapped(one, map)) }
    case 'starts':
    case 'ends':
      return { is: condition.is, text: map(condition.text), with: map(condition.with) }
    default:
      return { is: condition.is, left: map(condition.left), right: map(condition.right) }
  }
}
