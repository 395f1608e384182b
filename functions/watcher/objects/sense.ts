import type { PipelineSpec } from '../../../shared/resources/pipeline.ts'
import type { TaskSpec } from '../../../shared/resources/task.ts'
import type { Problem } from '../shape.ts'

/** What keeps a Task of the right shape from being run. */
export const taskProblems = ({ steps }: TaskSpec): Problem[] => twice('steps', steps)

/** The same of a Pipeline. */
export const pipelineProblems = ({ tasks }: PipelineSpec): Problem[] => twice('tasks', tasks)

/** Names that stand twice: nobody could tell whose output is meant. */
function twice(list: string, named: { name?: string | undefined }[]): Problem[] {
  const names = new Set<string>()
  return named.flatMap(({ name }, index) => {
    if (name === undefined) return []
    if (!names.has(name)) {
      names.add(name)
      return []
    }
    const problem = `it is "${name}", which another one of the ${list} is called too`
    return [{ path: ['spec', list, index, 'name'], problem }]
  })
}
