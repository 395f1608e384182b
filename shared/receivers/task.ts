import { isObjectName } from '../object-names.ts'
import { variableNameProblem } from '../variable-names.ts'
import { type Flaw, flawIf, type Settings, under } from './settings.ts'

/** The options that a hook of type task knows. */
export const taskOptions = ['taskRef', 'variables.', 'maxPerHour', 'desc'] as const

/** The templates of the variables, by name. */
export const variablesIn = (options: Settings['options']) => under(options, prefix)

/** How many runs a hook may start in an hour; undefined where it says nothing that can be read. */
export function perHourOf({ maxPerHour = '60' }: Settings['options']): number | undefined {
  const most = /^\d{1,4}$/.test(maxPerHour) ? Number(maxPerHour) : 0
  return most >= 1 && most <= 3600 ? most : undefined
}

const prefix = 'variables.'
const mostVariables = 64
const mostCharacters = 16_384

/** What keeps a hook from starting anything. */
export function taskFlaws({ options }: Settings): Flaw[] {
  const { taskRef = '' } = options
  const names = Object.keys(variablesIn(options))
  const texts = Object.entries(taskTemplates(options))
  return [
    ...flawIf(taskRef === '', 'taskRef', 'is missing: the name of the Task to start'),
    ...flawIf(
      taskRef !== '' && !isObjectName(taskRef),
      'taskRef',
      'is no name of a Task: it has lower-case letters, digits, "-" and "."',
    ),
    ...names.flatMap(name => {
      const problem = variableNameProblem(name)
      return problem ? [{ field: `options.${prefix}${name}`, problem }] : []
    }),
    ...flawIf(
      names.length > mostVariables,
      prefix + names[mostVariables],
      `is one more than the ${mostVariables} variables that a hook may give`,
    ),
    ...texts.flatMap(([option, text]) =>
      flawIf(text.length > mostCharacters, option, `is longer than ${mostCharacters} characters`),
    ),
    ...flawIf(perHourOf(options) === undefined, 'maxPerHour', 'has to be a whole number from 1 to 3600'),
  ]
}

/** The options that are templates in Liquid. */
export const taskTemplates = (options: Settings['options']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(options).filter(([option]) => option === 'desc' || option.startsWith(prefix)),
  )
