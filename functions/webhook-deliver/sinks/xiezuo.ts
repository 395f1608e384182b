import { isObject } from '../../../shared/json.ts'
import { withoutAt } from '../markup/escape.ts'
import type { Shipment, Sink } from '../sink.ts'

/** The chat robot of WPS Xiezuo. An event that already is one of its messages goes as it is. */
export const xiezuo: Sink = {
  request: shipment => ({
    url: shipment.url,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(messageOf(shipment)),
  }),
}

function messageOf({ event, text, templated, additional }: Shipment): unknown {
  const { data } = event
  if (isObject(data) && typeof data.msgtype === 'string' && data.msgtype !== '') return data
  // `<at user_id="-1">` calls everybody: that is for the hook's author to say, and for no event.
  const harmless = templated ? text : withoutAt(text)
  return { msgtype: 'text', text: { content: harmless + additional } }
}
