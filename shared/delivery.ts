import type { OpsEvent } from './event.ts'
import { idOf } from './id.ts'
import { token } from './subject.ts'

/** What hook-evaluate adds to an event on its way to a receiver: which hook fired, in which revision, and the id. */
export type Delivery = OpsEvent & { hook: string; hookrevision: string; deliveryid: string }

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
