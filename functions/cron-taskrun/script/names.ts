import { quotedStatement } from './quote.ts'
import { Refusal } from './refusal.ts'
import { isArithmetic, isHarmless, isShellName, shown } from './rules.ts'
import type { Known } from './shell/known.ts'
import { endpointName, outputName } from './step.ts'

/** What a step may speak of, and what came to light of it while it was prepared. */
export type Names = Known & {
  step: string
  /** @throws Refusal for a reference to a step that is not there, or comes later */
  check(text: string): void
  /** The value, where it is known by now. */
  value(name: string): string | undefined
  /** The step whose output it is. */
  outputOf(name: string): string | undefined
  uses: Set<string>
  plain: Set<string>
  env: Record<string, string>
}

const output = /^steps\.([^.{}\s]+)\.output$/

/** The names that the step at this place knows: variables, and outputs of the steps before it. */
export function namesOf({
  env,
  steps,
  at,
}: {
  env: Record<string, string>
  steps: string[]
  at: number
}): Names {
  const step = steps[at] ?? ''
  const uses = new Set<string>()
  const plain = new Set<string>()
  const made: Record<string, string> = {}
  const given = new Map(Object.entries(env))
  const outputs = new Map(steps.slice(0, at).map(name => [outputName(name), name]))

  const outputOf = (name: string) => output.exec(name)?.[1]
  const isLate = (name: string) =>
    name === endpointName || outputs.has(name) || outputOf(name) !== undefined || isPlace(name)
  // Where it is the scheduler that chooses, only the pod knows.
  const isPlace = (name: string) => name === 'HOSTNAME' && !given.has(name)
  const value = (name: string) => (isLate(name) ? undefined : (given.get(name) ?? made[name]))
  const variable = (name: string): string => {
    const from = outputOf(name)
    if (from) {
      uses.add(from)
      return outputName(from)
    }
    if (isShellName(name)) return name
    const other = `OPS_VAR_${name.replaceAll(/[^A-Za-z0-9]/gu, char => `_${char.codePointAt(0)?.toString(16)}_`)}`
    made[other] = given.get(name) ?? ''
    return other
  }
  const demand = (name: string, rule: 'harmless' | 'number', where: string, except?: string) => {
    const now = value(name)
    if (now === undefined) {
      if (except !== undefined && isHarmless(except)) {
        throw new Refusal(
          `Step "${step}" puts \${${name}} into ${where} between ${shown(except)}, which it may hold: take another sign, such as "|"`,
        )
      }
      plain.add(variable(name))
      return
    }
    if (except !== undefined && now.includes(except)) {
      throw new Refusal(
        `Variable ${shown(name)} is ${shown(now)}, and step "${step}" puts it into ${where} between ${shown(except)}, which it holds: take another sign there, such as "|"`,
      )
    }
    if (rule === 'harmless' ? isHarmless(now) : isArithmetic(now)) return
    const right =
      rule === 'harmless'
        ? 'letters, digits and " _.,:/@%+=-" may stand there; read it from the environment instead'
        : 'a number has to stand there'
    throw new Refusal(
      `Variable ${shown(name)} is ${shown(now)}, and step "${step}" puts it into ${where}: only ${right}`,
    )
  }
  return {
    ...{ step, uses, plain, env: made, value, outputOf, variable, isLate, demand },
    knows: name =>
      given.has(name) ||
      name === endpointName ||
      isPlace(name) ||
      outputs.has(outputName(outputOf(name) ?? '.')),
    setter(name) {
      const setter = `OPS_SET_${name}`
      made[setter] = quotedStatement(name, value(name) ?? '')
      return setter
    },
    check(text) {
      for (const [whole, name = ''] of text.matchAll(/\$\{([^{}\s]+)\}/g)) {
        const from = outputOf(name)
        if (from === undefined || steps.slice(0, at).includes(from)) continue
        const why = steps.includes(from) ? 'which does not run before it' : 'which is not there'
        throw new Refusal(`Step "${step}" speaks of ${whole}, the output of step "${from}", ${why}`)
      }
    },
  }
}
