import type { PipelineSpec } from '../../../shared/resources/pipeline.ts'

/** A task of a pipeline by the name that others speak of it. */
export type Named = PipelineSpec['tasks'][number] & { name: string }

/** The tasks of a pipeline; one without a name is called like its Task. */
export const tasksOf = ({ tasks, runtimeImage }: PipelineSpec): Named[] =>
  tasks.map(task => ({
    ...task,
    name: task.name ?? task.taskRef,
    ...(!task.runtimeImage && runtimeImage && { runtimeImage }),
  }))

/** `tasks.a.results.b` as the name of a variable: the result `b` of task `a`. */
export const resultName = (task: string, key: string) => `tasks.${task}.results.${key}`

/** The task that a name of this form speaks of. Its own name may hold dots, if it is that of its Task. */
export const taskIn = (name: string): string | undefined => /^tasks\.(.+)\.results\.[^.]+$/.exec(name)?.[1]
