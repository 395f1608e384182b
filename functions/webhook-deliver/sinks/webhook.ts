import { encodeBinary } from '../../../shared/cloudevents-http.ts'
import { type Format, formatOf } from '../../../shared/receivers/webhook.ts'
import type { Shipment, Sink, SinkRequest } from '../sink.ts'

const json = { 'content-type': 'application/json' }

/** Any HTTP receiver, in the form of `options.format`. */
export const webhook: Sink = {
  request(shipment) {
    return encoders[formatOf(shipment.options) ?? 'json'](shipment)
  },
}

const encoders = { json: asJson, text: asText, cloudevent: asCloudEvent } satisfies Record<
  Format,
  (shipment: Shipment) => SinkRequest
>

function asJson(shipment: Shipment): SinkRequest {
  const { event, text, url, additional, hook, delivery, notice, held, resolved } = shipment
  const body = { event, text, additional, hook, delivery, notice, held, resolved }
  return { url, headers: json, body: JSON.stringify(body) }
}

// As the older system sent it, content type included: its receivers were written for that, and those of events that
// are JSON themselves parse them by it.
function asText({ text, url, additional }: Shipment): SinkRequest {
  return { url, headers: json, body: text + additional }
}

function asCloudEvent({ event, url, additional }: Shipment): SinkRequest {
  const { headers, body } = encodeBinary(additional === '' ? event : { ...event, additional })
  const { 'content-type': type = 'application/json' } = headers
  if (!mediaType.test(type)) return { problem: `The event's datacontenttype "${type}" is no media type` }
  return { url, headers: { ...headers, 'content-type': type }, body }
}

// RFC 9110, 8.3.1, as far as a header has to be safe of what a caller wrote into an attribute.
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;[ -~]*)?$/
