import type { Message } from '../../shared/adapters/publisher.ts'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import { type Delivery, deliverySubject, madeId, ownExtensions, type Told } from '../../shared/delivery.ts'
import type { OpsEvent } from '../../shared/event.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { descent } from '../../shared/lineage.ts'
import { targetSubject } from './target.ts'

/** What is told beside the event itself, and the id where it is not the one made of hook and event. */
export type Extra = { id?: string; told?: Partial<Told> }

/**
 * What a hook that fires sends on, or why it cannot: a delivery, or of type event a new event. `now` in ISO 8601. Who
 * judges the new event learns nothing of the noise before it, since it is an event like any other.
 */
export function messageOf(
  hook: CompiledHook,
  event: OpsEvent,
  now: () => string,
  { id = madeId(hook.id, event), told = {} }: Extra = {},
): { id: string; message: Message } | { problem: string } {
  if (hook.type !== 'event') return { id, message: delivered(hook, event, { id, told }) }
  const target = targetSubject(hook.target ?? '', event.subject ?? '')
  if ('problem' in target) return target
  const { subject } = target
  const made: OpsEvent = { ...event, ...descent(event, hook.id), id, subject, time: now() }
  return { id, message: structured(subject, made, id) }
}

function delivered(hook: CompiledHook, event: OpsEvent, { id, told }: Required<Extra>): Message {
  const delivery: Delivery = {
    ...event,
    ...(ownExtensions.some(name => name in event) && strangers),
    ...told,
    hook: hook.id,
    hookrevision: hook.revision,
    deliveryid: id,
  }
  return structured(deliverySubject(hook), delivery, id)
}

// Extensions that tell of a delivery are ours alone: what an event brought along under their names is somebody's word.
const strangers: Record<string, undefined> = Object.fromEntries(ownExtensions.map(name => [name, undefined]))

const headers = { 'content-type': mediaTypes.structured }

const structured = (subject: string, event: OpsEvent, id: string): Message => ({
  subject,
  payload: JSON.stringify(event),
  id,
  headers,
})
