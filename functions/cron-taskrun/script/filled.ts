import { bytesOf, isHarmless, mostOfOne } from './rules.ts'
import { endpointName, outputName, type PreparedStep } from './step.ts'

/**
 * What is run when the outputs of the steps before it are known: its text, and what comes to the environment of its
 * place. `endpoint`: the value of `OPSSERVER_ENDPOINT`, which is not in `env`.
 */
export function filled(
  step: PreparedStep,
  outputs: Map<string, string>,
  endpoint?: string,
): { text: string; env: Record<string, string> } | { problem: string } {
  const late = new Map<string, string>(endpoint === undefined ? [] : [[endpointName, endpoint]])
  for (const name of step.uses) {
    const output = outputs.get(name) ?? ''
    const bytes = bytesOf(output)
    if (bytes > mostOfOne) {
      return {
        problem: `The output of step "${name}" has ${bytes} bytes, and a step can use ${mostOfOne} at most`,
      }
    }
    late.set(outputName(name), output.replaceAll('\0', ''))
  }
  for (const [variable, value] of late) {
    if (step.plain.includes(variable) && !isHarmless(value)) return { problem: unfit(variable, step) }
  }
  const text = step.language === 'shell' ? step.text : filledText(step.text, late)
  late.delete(endpointName)
  return { text, env: { ...step.env, ...Object.fromEntries(late) } }
}

/** Why a value cannot be put into the program of a step. */
export function unfit(variable: string, step: PreparedStep): string {
  const from = step.uses.find(name => outputName(name) === variable)
  const what = from ? `The output of step "${from}"` : variable
  return `${what} cannot be put into a program of step "${step.name}": only letters, digits and " _.,:/@%+=-" may stand there; read it from the environment variable ${variable} instead`
}

const filledText = (text: string, late: Map<string, string>) =>
  lateIn({ language: 'other', text }).reduce(
    (made, { reference, variable }) => made.replaceAll(reference, () => late.get(variable) ?? reference),
    text,
  )

/**
 * What still has to be put into the text of a step that is no shell, and the environment variable that holds it. All of
 * these values have to be harmless, like all of `plain`: letters, digits and " _.,:/@%+=-".
 */
export function lateIn({
  language,
  text,
}: Pick<PreparedStep, 'language' | 'text'>): { reference: string; variable: string }[] {
  if (language === 'shell') return []
  const found = new Map(
    [...text.matchAll(/\$\{(?:(OPSSERVER_ENDPOINT|HOSTNAME)|steps\.([^.{}\s]+)\.output)\}/g)].map(
      ([reference, variable, step = '']) => [reference, variable ?? outputName(step)] as const,
    ),
  )
  return [...found].map(([reference, variable]) => ({ reference, variable }))
}
