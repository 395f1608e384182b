import { apiVersion } from '../../../shared/hook.ts'
import type { Draft, Objects, Stored } from '../../../shared/objects.ts'
import { annotations, childName, labels, labelValue, type RunKind } from '../../../shared/runs.ts'

/** The name of the run that an object with a crontab gets for a due time: making it twice is once. */
export const dueName = (parent: Stored<RunKind>, due: string): string =>
  childName(parent.metadata.name, String(Math.floor(Date.parse(due) / 1000)))

/** The run that an object with a crontab gets for a due time. */
export function dueDraft(parent: Stored<RunKind>, due: string): Draft<'TaskRun'> | Draft<'PipelineRun'> {
  const { namespace, name } = parent.metadata
  const { desc, variables } = parent.spec
  const same = { ...(desc !== undefined && { desc }), ...(variables && { variables }) }
  const metadata = {
    namespace,
    name: dueName(parent, due),
    annotations: { [annotations.due]: due },
    ownerReferences: [ownerReference(parent)],
  }
  const scheduled = { [labels.scheduledBy]: labelValue(name), [labels.scheduledKind]: parent.kind }
  if ('pipelineRef' in parent.spec) {
    const { pipelineRef } = parent.spec
    const own = { [labels.pipelineRef]: labelValue(pipelineRef) }
    return {
      kind: 'PipelineRun',
      metadata: { ...metadata, labels: { ...scheduled, ...own } },
      spec: { pipelineRef, ...same },
    }
  }
  const { taskRef, runtimeImage } = parent.spec
  return {
    kind: 'TaskRun',
    metadata: { ...metadata, labels: { ...scheduled, [labels.taskRef]: labelValue(taskRef) } },
    spec: { taskRef, ...same, ...(runtimeImage !== undefined && { runtimeImage }) },
  }
}

/** What was made of an object goes with it. */
export const ownerReference = ({ kind, metadata: { name, uid } }: Stored<RunKind>) => ({
  ...{ apiVersion, kind, name, uid },
  controller: true,
})

/** The runs that were made for an object with a crontab. */
export async function scheduledChildren<K extends RunKind>(
  parent: Stored<K>,
  objects: Pick<Objects, 'list'>,
): Promise<Stored<K>[]> {
  const { namespace, name } = parent.metadata
  const found = await objects.list(parent.kind, {
    namespace,
    labels: { [labels.scheduledBy]: labelValue(name), [labels.scheduledKind]: parent.kind },
  })
  return found.filter(child => isOwnedBy(child, parent.metadata))
}

export const isOwnedBy = (child: Stored<RunKind>, owner: { uid: string }): boolean =>
  child.metadata.ownerReferences.some(({ uid }) => uid === owner.uid)
