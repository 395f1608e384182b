import { compilePattern, PatternError } from '../../../shared/pattern.ts'
import type { TaskSpec, Variable } from '../../../shared/resources/task.ts'
import { isReserved } from '../../../shared/variable-names.ts'
import { bytesOf, mostOfOne, shown } from './rules.ts'

const mostOfAll = 512 * 1024
const longestName = 256

/**
 * The values of a run's variables by name: a Task's `value` counts before what the run gives, and that before a
 * `default`. What the Task does not declare is passed on.
 */
export function resolveVariables(
  declared: TaskSpec['variables'],
  given: Record<string, string>,
): { values: Record<string, string> } | { problem: string } {
  const values = new Map(Object.entries(given))
  for (const [name, variable] of Object.entries(declared ?? {})) {
    const value = variable.value || values.get(name) || variable.default
    const problem = wrongWith(name, value ?? '', variable)
    if (problem) return { problem }
    if (value !== undefined) values.set(name, value)
  }
  for (const [name, value] of values) {
    const problem = wrongName(name) ?? wrongSize(name, value)
    if (problem) return { problem }
  }
  const bytes = [...values].reduce((sum, [name, value]) => sum + bytesOf(name) + bytesOf(value), 0)
  if (bytes > mostOfAll) {
    return { problem: `The variables have ${bytes} bytes, all of them together may have ${mostOfAll}` }
  }
  return { values: Object.fromEntries(values) }
}

function wrongWith(name: string, value: string, { required, enums, regex }: Variable): string | undefined {
  if (value === '') return required ? `Variable ${shown(name)} is required, and has no value` : undefined
  if (enums?.length && !enums.includes(value)) {
    return `Variable ${shown(name)} is ${shown(value)}: it has to be one of ${shown(enums.join(', '))}`
  }
  return regex ? wrongForm(name, value, regex) : undefined
}

function wrongForm(name: string, value: string, regex: string): string | undefined {
  try {
    if (compilePattern(regex).test(value)) return undefined
    return `Variable ${shown(name)} is ${shown(value)}: it has to match ${shown(regex)}`
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return `Variable ${shown(name)} cannot be checked: ${error.message}`
  }
}

function wrongName(name: string): string | undefined {
  if (isReserved(name)) {
    return `Variable ${shown(name)} cannot be set: the name means something to what runs the steps; take another one`
  }
  const usable = name !== '' && name.length <= longestName && !/[\p{Cc}={}]/u.test(name)
  return usable ? undefined : `Variable ${shown(name)} cannot be set: it has no name that a script could use`
}

function wrongSize(name: string, value: string): string | undefined {
  if (value.includes('\0')) return `Variable ${shown(name)} holds a NUL byte, which no environment can`
  const bytes = bytesOf(value)
  return bytes > mostOfOne
    ? `Variable ${shown(name)} has ${bytes} bytes, one variable may have ${mostOfOne}`
    : undefined
}
