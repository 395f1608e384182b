import { z } from 'zod'
import { type OpsEvent, ownSource } from './event.ts'
import { idOf } from './id.ts'
import { Lineage } from './lineage.ts'
import { Time } from './resources/time.ts'
import { resources } from './resources.ts'
import { token } from './subject.ts'

const runKind = z.enum(['TaskRun', 'PipelineRun'])
const name = z.string().min(1)
const object = { namespace: name, name, uid: name }

/**
 * What the stream `runs` asks cron-taskrun to do, each as often as it comes: twice is once. Its object may be gone or
 * another one by then (`uid`), or further already.
 */
export const Order = z.discriminatedUnion('order', [
  /** An object with a crontab is due. */
  z.object({ order: z.literal('due'), kind: runKind, ...object, due: Time }),
  /** A run without a crontab is there and has no status. */
  z.object({ order: z.literal('start'), kind: runKind, ...object }),
  /** What an object asks for can never be: it is `DataInValid`, and `reason` says why. */
  z.object({ order: z.literal('refuse'), kind: runKind, ...object, reason: z.string() }),
  /** A Job of a TaskRun has ended, or is gone. */
  z.object({ order: z.literal('ended'), kind: z.literal('TaskRun'), ...object, job: name }),
  /** The TaskRun `task` of a PipelineRun has ended, or is gone. */
  z.object({ order: z.literal('advance'), kind: z.literal('PipelineRun'), ...object, task: name }),
  /** A run that still runs has passed the deadline in its status. */
  z.object({ order: z.literal('overdue'), kind: runKind, ...object }),
  /** A run has been over for as long as it is kept. */
  z.object({ order: z.literal('retire'), kind: runKind, ...object }),
  /** A run was deleted while it ran. */
  z.object({ order: z.literal('gone'), kind: runKind, ...object }),
  /** A hook starts a Task: `name` is the new TaskRun's, made of the delivery's id. */
  z.object({
    order: z.literal('create'),
    kind: z.literal('TaskRun'),
    namespace: name,
    name,
    taskRef: name,
    variables: z.record(z.string(), z.string()),
    desc: z.string().optional(),
    hook: name,
    lineage: Lineage,
  }),
  /** A host or a cluster is to be looked at. */
  z.object({ order: z.literal('probe'), kind: z.enum(['Host', 'Cluster']), ...object, due: Time }),
])
export type Order = z.infer<typeof Order>

/** The type of the CloudEvents in the stream `runs`. */
export const orderType = 'RunOrder'

/**
 * An order as an event on `runs.{namespace}.{plural}.{name}.{order}`. `what` makes the id, with the order and its object:
 * the due second, the deadline, the Job, whatever tells this one from the next of the same object; so that two watchers
 * give one order.
 */
export function orderEvent(
  order: Order,
  about: { what: string; cluster: string; now: Date },
): OpsEvent & { subject: string } {
  const { namespace, name, kind } = order
  const uid = 'uid' in order ? order.uid : ''
  return {
    specversion: '1.0',
    id: idOf('order', order.order, kind, namespace, name, uid, about.what),
    source: ownSource,
    type: orderType,
    subject: `runs.${token(namespace)}.${resources[kind].plural}.${token(name)}.${order.order}`,
    time: about.now.toISOString(),
    datacontenttype: 'application/json',
    cluster: about.cluster,
    data: order,
  }
}
