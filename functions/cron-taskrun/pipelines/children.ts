import type { Draft, Objects, Stored } from '../../../shared/objects.ts'
import { annotationsOf, childName, labels, labelValue, lineageOf } from '../../../shared/runs.ts'
import { isOwnedBy, ownerReference } from '../runs/child.ts'
import type { Start } from './next.ts'

/** The TaskRuns of a PipelineRun. */
export async function pipelineChildren(
  run: { namespace: string; name: string; uid: string },
  objects: Pick<Objects, 'list'>,
): Promise<Stored<'TaskRun'>[]> {
  const { namespace, name } = run
  const found = await objects.list('TaskRun', {
    namespace,
    labels: { [labels.pipelineRun]: labelValue(name) },
  })
  return found.filter(child => isOwnedBy(child, run))
}

/** Which task of the pipeline a TaskRun is of. */
export const taskOf = ({ metadata }: Stored<'TaskRun'>): string => metadata.labels[labels.pipelineTask] ?? ''

/** The TaskRun of a task. Its name is made of both: making it twice is once. */
export function taskDraft(run: Stored<'PipelineRun'>, { task, variables }: Start): Draft<'TaskRun'> {
  const { namespace, name, annotations } = run.metadata
  const { taskRef, desc, runtimeImage } = task
  return {
    kind: 'TaskRun',
    metadata: {
      namespace,
      name: childName(name, task.name),
      labels: {
        [labels.pipelineRun]: labelValue(name),
        [labels.pipelineTask]: labelValue(task.name),
        [labels.taskRef]: labelValue(taskRef),
      },
      annotations: annotationsOf(lineageOf(annotations)),
      ownerReferences: [ownerReference(run)],
    },
    spec: {
      ...{ taskRef, variables },
      ...(desc !== undefined && { desc }),
      ...(runtimeImage !== undefined && { runtimeImage }),
    },
  }
}
