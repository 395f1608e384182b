import { hash } from 'node:crypto'
import type { Work } from '../executor.ts'
import type { PreparedStep } from '../script/step.ts'
import { type Paths, wrapperOf } from './wrapper.ts'

/** The files of a step: by their names in its container, the keys and values in the run's Secret. */
export type StepFiles = { script: Keyed; wrapper: Keyed }
type Keyed = { key: string; text: string }

/** Where containers find what. */
export const folders = { steps: '/ops-events/steps', shared: '/ops-events/shared' }
/** What a container leaves there becomes its termination message. */
export const said = '/dev/termination-log'

const pathsOf = (index: number): Paths => ({
  script: `${folders.steps}/${index + 1}`,
  shared: folders.shared,
  said,
})

/** What the steps at one place are run from. What is the same at several places has the same key. */
export function filesOf(steps: PreparedStep[], { onHost }: { onHost: boolean }): StepFiles[] {
  return steps.map((step, index) => {
    const kept = steps.slice(index + 1).some(({ uses }) => uses.includes(step.name))
    return {
      script: keyed('script', step.text),
      wrapper: keyed('wrapper', wrapperOf(step, { paths: pathsOf(index), kept, onHost })),
    }
  })
}

/** All of a run, as data of its Secret. */
export function filesData(work: Pick<Work, 'at' | 'task'>): Record<string, string> {
  const files = work.at.flatMap(({ steps }) => filesOf(steps, { onHost: work.task.spec.privileged }))
  return Object.fromEntries(
    files.flatMap(({ script, wrapper }) => [script, wrapper].map(({ key, text }) => [key, text])),
  )
}

const keyed = (kind: string, text: string): Keyed => ({ key: `${kind}-${hash('sha256', text)}`, text })
