import type { Publisher } from '../../shared/adapters/publisher.ts'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import type { World } from './world.ts'

const headers = { 'content-type': mediaTypes.structured }

/** Publishes events as the bus has them: in structured mode, under their own ids. */
export const publishing =
  ({ publish }: Pick<Publisher, 'publish'>): World['publish'] =>
  event =>
    publish({ subject: event.subject, id: event.id, headers, payload: JSON.stringify(event) })
