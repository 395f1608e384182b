import type { Message } from '../../shared/adapters/publisher.ts'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import { type Delivery, deliverySubject, madeId } from '../../shared/delivery.ts'
import type { OpsEvent } from '../../shared/event.ts'
import type { CompiledHook } from '../../shared/hookset.ts'
import { descent } from './lineage.ts'
import { targetSubject } from './target.ts'

/** What a hook that fires sends on, or why it cannot: a delivery, or of type event a new event. `now` in ISO 8601. */
export const messageOf = (
  hook: CompiledHook,
  event: OpsEvent,
  now: () => string,
): { message: Message } | { problem: string } =>
  hook.type === 'event' ? republished(hook, event, now) : { message: delivered(hook, event) }

function delivered(hook: CompiledHook, event: OpsEvent): Message {
  const id = madeId(hook.id, event)
  const delivery: Delivery = {
    ...event,
    // The bridge counts attempts under this name; one that the event brought along is none of its own.
    attempt: undefined,
    hook: hook.id,
    hookrevision: hook.revision,
    deliveryid: id,
  }
  return structured(deliverySubject(hook), delivery, id)
}

function republished(
  hook: CompiledHook,
  event: OpsEvent,
  now: () => string,
): { message: Message } | { problem: string } {
  const target = targetSubject(hook.target ?? '', event.subject ?? '')
  if ('problem' in target) return target
  const id = madeId(hook.id, event)
  const made: OpsEvent = {
    ...event,
    ...descent(event, hook.id),
    id,
    subject: target.subject,
    time: now(),
  }
  return { message: structured(target.subject, made, id) }
}

const headers = { 'content-type': mediaTypes.structured }

const structured = (subject: string, event: OpsEvent, id: string): Message => ({
  subject,
  payload: JSON.stringify(event),
  id,
  headers,
})
