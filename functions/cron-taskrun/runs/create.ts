import type { Order } from '../../../shared/orders.ts'
import { done, type Outcome } from '../../../shared/outcome.ts'
import { annotationsOf, labels, labelValue } from '../../../shared/runs.ts'
import type { World } from '../world.ts'

/** Makes the TaskRun that a hook asks for; one that is there is that very one, since its name is made of the delivery. */
export async function create(
  order: Extract<Order, { order: 'create' }>,
  { objects }: Pick<World, 'objects'>,
): Promise<Outcome> {
  const { namespace, name, taskRef, variables, hook, lineage, desc } = order
  await objects.create({
    kind: 'TaskRun',
    metadata: {
      ...{ namespace, name },
      labels: { [labels.taskRef]: labelValue(taskRef), [labels.hook]: labelValue(hook) },
      annotations: annotationsOf(lineage),
    },
    spec: { taskRef, variables, desc: desc ?? `Started by hook ${hook}` },
  })
  return done
}
