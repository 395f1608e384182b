import type { Message } from './adapters/publisher.ts'
import { mediaTypes } from './cloudevents-http.ts'
import type { OpsEvent } from './event.ts'

/** An event as the bus has it: in structured mode, on its subject, and under its own id, so that twice is once. */
export const eventMessage = (event: OpsEvent & { subject: string }): Message => ({
  subject: event.subject,
  payload: JSON.stringify(event),
  id: event.id,
  headers: { 'content-type': mediaTypes.structured },
})
