import type { Condition } from './condition.ts'

/**
 * A step as it is run at one place. No value of a variable is code in `text`: in a shell all are in the environment, and
 * elsewhere only harmless ones are put in.
 */
export type PreparedStep = {
  name: string
  /** The script as the Task has it. */
  content: string
  /** What runs it, such as `['sh']`, `['bash', '-e']` or `['python3']`; the script comes in a file or by its input. */
  interpreter: string[]
  language: 'shell' | 'other'
  /**
   * What is run. Outputs of earlier steps are not known yet: a shell reads them in its environment, under `outputName`;
   * elsewhere `${steps.name.output}` still stands in it, for `filled`.
   */
  text: string
  /** The earlier steps whose outputs it uses, its conditions included. */
  uses: string[]
  /** What it reads in its environment beside the variables by their own names: those whose names no shell knows. */
  env: Record<string, string>
  /** Environment variables whose values become a part of a program, and have to be harmless: `filled` looks. */
  plain: string[]
  /** With all that is known put in. Absent: always; never. */
  when?: Condition
  allowFailure?: Condition
  timeoutSeconds: number
  image?: string
}

/** The environment variable that holds the output of an earlier step, without the newlines at its end. */
export const outputName = (step: string) => `OPS_STEPS_${step.toUpperCase().replaceAll('-', '_')}_OUTPUT`

/** The environment variable with the run's token in it, which stands in no text that is kept. */
export const endpointName = 'OPSSERVER_ENDPOINT'
