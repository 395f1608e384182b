import { z } from 'zod'
import type { OpsEvent } from './event.ts'
import { idOf } from './id.ts'
import { token } from './subject.ts'

/**
 * What hook-evaluate adds to an event on its way to a receiver: which hook fired, in which revision, and the id; and
 * what noise control has to tell with it. All of them are taken off again before it is sent.
 */
export type Delivery = OpsEvent & { hook: string; hookrevision: string; deliveryid: string } & Partial<Told>

/** Extensions of a delivery, so flat values only. */
export const Told = z.object({
  /**
   * `held`: the end of a dedup window. `digest`: a minute of a storm, the event is of type `Digest`. `resolved`: the
   * trouble that delivery `resolves` told of is over. Absent: the event itself.
   */
  notice: z.enum(['held', 'digest', 'resolved']),
  /** How many like this one were held back, and since when (RFC 3339). */
  held: z.int().min(0),
  heldsince: z.string(),
  /** The delivery by which the trouble was told, and when it began (RFC 3339). */
  resolves: z.string(),
  raisedat: z.string(),
  /** The trouble's name (shared/counter-events.ts): one event may end several, and each is told by itself. */
  trouble: z.string(),
  /** Of a dead letter that is sent again: which replay it belongs to. */
  replayid: z.string(),
})
export type Told = z.infer<typeof Told>

/** The extensions that only the way to the receiver needs. */
export const ownExtensions = ['hook', 'hookrevision', 'deliveryid', 'attempt', ...Object.keys(Told.shape)]

/** The subject on which the deliveries of a hook wait: `deliveries.{namespace}.{hook}`. */
export const deliverySubject = (hook: { namespace: string; name: string }) =>
  `deliveries.${token(hook.namespace)}.${token(hook.name)}`

/** The id of what a hook makes of an event: the same for the same event, however often it is evaluated. */
export const madeId = (hookId: string, event: OpsEvent) =>
  idOf(hookId, event.subject ?? '', event.source, event.id)

/** Is this event one that hook-evaluate sent on? */
export const isDelivery = (event: OpsEvent): event is Delivery =>
  typeof event.hook === 'string' &&
  typeof event.deliveryid === 'string' &&
  typeof event.hookrevision === 'string'
