import type { Delivery } from '../../shared/delivery.ts'
import type { OpsEvent } from '../../shared/event.ts'
import type { Opened } from './destination.ts'
import type { SinkRequest } from './sink.ts'

/** The request by which a delivery goes out, or why it cannot. `now` in Unix milliseconds; `text` reads an event. */
export function requestOf(
  delivery: Delivery,
  to: Opened,
  { now, text }: { now: number; text(event: OpsEvent): string },
): SinkRequest {
  const { hook: _hook, hookrevision: _revision, deliveryid: id, attempt, ...rest } = delivery
  // TypeScript forgets the attributes of a type with an index signature when some are taken out.
  const event: OpsEvent = rest
  const request = to.sink.request({
    event,
    text: text(event),
    url: to.url,
    options: to.options,
    additional: to.additional,
    hook: { namespace: to.hook.namespace, name: to.hook.name },
    delivery: { id, attempt: attemptOf(attempt) },
  })
  if ('problem' in request) return request
  return { ...request, headers: { ...credentials(to.url), ...request.headers, ...ownHeaders(id, now) } }
}

/** What every request carries (Standard Webhooks 1.0.0, "Webhook headers"). */
const ownHeaders = (id: string, now: number) => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(now / 1000)),
  'user-agent': 'ops-events',
})

/** User and password of a URL, as every HTTP client sends them. */
function credentials(url: URL): { authorization?: string } {
  if (url.username === '' && url.password === '') return {}
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

// The bridge sets it from the second attempt on; in binary mode it comes as a string.
function attemptOf(value: unknown): number {
  const attempt = Number(value)
  return Number.isInteger(attempt) && attempt > 1 ? attempt : 1
}
