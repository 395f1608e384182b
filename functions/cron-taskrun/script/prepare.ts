import type { TaskSpec, TaskStep } from '../../../shared/resources/task.ts'
import { interpreterOf } from './interpreter.ts'
import { type Names, namesOf } from './names.ts'
import { preparedCondition } from './prepare-condition.ts'
import { put } from './put.ts'
import { Refusal } from './refusal.ts'
import { bytesOf, mostOfOne } from './rules.ts'
import { rewritten } from './shell/rewrite.ts'
import type { PreparedStep } from './step.ts'

/** Reading a script takes time that whoever writes it could choose, and the scripts of a run share a Secret. */
const mostOfScript = 128 * 1024

/**
 * The steps of a Task as they are run at one place, where the environment is `env`: its variables, and what is injected.
 * A problem is one of the Task or of its variables, and is there whenever it runs.
 */
export function prepareSteps(
  task: TaskSpec,
  env: Record<string, string>,
  about: { stepTimeout: number; image?: string },
): { steps: PreparedStep[] } | { problem: string } {
  const names = task.steps.map((step, n) => step.name ?? `step-${n + 1}`)
  const twice = names.find((name, n) => names.indexOf(name) !== n)
  if (twice) return { problem: `Two steps are called "${twice}": each needs a name of its own` }
  try {
    const steps = task.steps.map((step, n) =>
      prepared(step, namesOf({ env, steps: names, at: n }), {
        stepTimeout: about.stepTimeout,
        image: step.runtimeImage || about.image || task.runtimeImage,
      }),
    )
    return { steps }
  } catch (error) {
    if (error instanceof Refusal) return { problem: error.message }
    throw error
  }
}

function prepared(
  step: TaskStep,
  names: Names,
  about: { stepTimeout: number; image: string | undefined },
): PreparedStep {
  if (step.localfile || step.remotefile) {
    throw new Refusal(
      `Step "${names.step}" copies a file ("localfile", "remotefile"), which is not supported: it needs a "content" that does`,
    )
  }
  const content = step.content ?? ''
  if (content.trim() === '')
    throw new Refusal(`Step "${names.step}" has no "content": there is nothing to run`)
  if (bytesOf(content) > mostOfScript)
    throw new Refusal(
      `The "content" of step "${names.step}" has ${bytesOf(content)} bytes, a script may have ${mostOfScript}`,
    )
  const { interpreter, language } = interpreterOf(content)
  names.check(content)
  const text = language === 'shell' ? rewritten(content, names) : put(content, names, interpreter[0] ?? '')
  const when = step.when === undefined ? undefined : preparedCondition(step.when, 'when', names)
  const allowFailure =
    step.allowfailure === undefined ? undefined : preparedCondition(step.allowfailure, 'allowfailure', names)
  const tooLong = Object.entries(names.env).find(([, value]) => bytesOf(value) > mostOfOne)
  if (tooLong) {
    throw new Refusal(
      `Step "${names.step}" hands on a value of more than ${mostOfOne} bytes, quoted: "${tooLong[0]}"`,
    )
  }
  return {
    ...{ name: names.step, content, interpreter, language, text, uses: [...names.uses], env: names.env },
    ...{ plain: [...names.plain], timeoutSeconds: step.timeoutSeconds || about.stepTimeout },
    ...(when && { when }),
    ...(allowFailure && { allowFailure }),
    ...(about.image && { image: about.image }),
  }
}
