import type { Delivery } from '../../shared/delivery.ts'
import { hopsHeader, hopsOf } from '../../shared/hops.ts'
import { idOf } from '../../shared/id.ts'
import type { Opened } from './destination.ts'
import { type Showing, shipmentOf } from './shipment.ts'
import { signatureOf } from './sign.ts'
import type { Shipment, SinkRequest } from './sink.ts'

/** The request by which deliveries of one hook go out, and what it is made of; or why it cannot be made. */
export type Parcel = Exclude<SinkRequest, { problem: string }> & { shipments: Shipment[] }

/** One request for all of them; for more than one where the sink takes many. */
export function requestOf(
  deliveries: Delivery[],
  to: Opened,
  showing: Showing,
): Parcel | { problem: string } {
  const shipments = deliveries.map(delivery => shipmentOf(delivery, to, showing))
  const [first] = shipments
  if (!first) return { problem: 'There is nothing to send' }
  const alone = shipments.length === 1 || !to.sink.many
  const request = alone ? to.sink.request(first) : to.sink.many?.request(shipments)
  if (!request) return { problem: 'There is nothing to send' }
  if ('problem' in request) return request

  // The same for the same deliveries: who gets them twice can tell.
  const ids = shipments.map(({ delivery }) => delivery.id)
  const id = alone ? first.delivery.id : idOf('deliveries', ...ids)
  const timestamp = String(Math.floor(showing.now / 1000))
  const headers = {
    'user-agent': 'ops-events',
    ...lowerCased(request.headers),
    ...to.headers,
    [hopsHeader]: String(Math.max(...deliveries.map(hopsOf)) + 1),
    // Standard Webhooks 1.0.0, "Webhook headers".
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...signatureOf(to.keys, { id, timestamp, body: request.body }),
  }
  return { ...request, headers, shipments }
}

const lowerCased = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
