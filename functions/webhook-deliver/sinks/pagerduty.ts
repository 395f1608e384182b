import { clean } from '../../../shared/clean.ts'
import { idOf } from '../../../shared/id.ts'
import { drop } from '../../../shared/outcome.ts'
import { cut, fitted } from '../markup/cut.ts'
import { linkText, messageOf } from '../markup/message.ts'
import type { Shipment, Sink } from '../sink.ts'
import { alertsOf } from './alert.ts'
import { posted, said } from './json.ts'

/** PagerDuty's Events API v2 ("Send an alert event"): one incident for each trouble, and it ends when that does. */
export const pagerduty: Sink = {
  request(shipment) {
    const url = new URL(shipment.url)
    if (url.pathname === '/') url.pathname = '/v2/enqueue'
    return posted(url, { routing_key: shipment.options.routing_key, ...eventOf(shipment) })
  },
  verdict(answer) {
    if (answer.status !== 400) return undefined
    const { errors } = said(answer) ?? {}
    const aboutKey = Array.isArray(errors) && errors.some(error => /routing_key/i.test(String(error)))
    return drop(
      aboutKey
        ? 'PagerDuty: options.routing_key is wrong: it is the integration key of an Events API v2 integration'
        : 'PagerDuty does not understand the event',
      400,
    )
  },
}

function eventOf(shipment: Shipment): object {
  const { event, hook, text, templated, severity } = shipment
  const { over, alerts } = alertsOf(shipment)
  const [alert] = alerts
  const { title, fields, additional, notes, link } = messageOf(shipment)
  const labels = alert?.labels ?? {}
  const values = fitted(
    fields.map(([, value]) => value),
    64_000,
  )
  return {
    event_action: over ? 'resolve' : 'trigger',
    dedup_key: idOf(hook.namespace, hook.name, alert?.key ?? ''),
    payload: {
      summary: cut(title, 1_024),
      source: labels.host ?? labels.cluster ?? cut(clean(event.source), 255),
      severity: alert?.severity ?? severity,
      ...(event.time && { timestamp: event.time }),
      ...(labels.name && { component: [labels.kind, labels.name].filter(Boolean).join('/') }),
      ...(labels.namespace && { group: labels.namespace }),
      class: alert?.name ?? event.type,
      custom_details: {
        ...Object.fromEntries(fields.map(([label], at) => [label || 'text', values[at]])),
        ...(templated && { text: cut(text, 64_000) }),
        ...(additional && { additional: cut(additional, 8_192) }),
        ...(notes.length > 0 && { notes: notes.join('. ') }),
      },
    },
    client: 'ops-events',
    ...(link && { client_url: link, links: [{ href: link, text: linkText }] }),
  }
}
