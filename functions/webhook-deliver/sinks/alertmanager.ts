import { clean } from '../../../shared/clean.ts'
import { durationOf } from '../../../shared/duration.ts'
import { done, drop } from '../../../shared/outcome.ts'
import { labelsIn } from '../../../shared/receivers/alertmanager.ts'
import { cut } from '../markup/cut.ts'
import { messageOf } from '../markup/message.ts'
import type { Shipment, Sink, SinkRequest } from '../sink.ts'
import { alertsOf } from './alert.ts'
import { posted } from './json.ts'

/** Alertmanager's API v2, `POST /api/v2/alerts` (`api/v2/openapi.yaml`): grouping, inhibition and silences are its. */
export const alertmanager: Sink = {
  request: shipment => together([shipment]),
  many: {
    request: together,
    // It keeps what it can of a request and refuses the rest: which is not said, so one of them is sent alone.
    verdicts: (answer, shipments) =>
      answer.status >= 200 && answer.status < 300 ? shipments.map(() => done) : undefined,
  },
  verdict({ status }) {
    if (status !== 400) return undefined
    return drop('Alertmanager refused the alert: see its answer, and options.labels of the hook', 400)
  },
}

const day = 24 * 3_600_000
const path = '/api/v2/alerts'

function together(shipments: Shipment[]): SinkRequest {
  const [first] = shipments
  if (!first) return { problem: 'There is nothing to send' }
  const url = new URL(first.url)
  const base = url.pathname.replace(/\/$/, '')
  if (!base.endsWith(path)) url.pathname = base + path
  return posted(url, shipments.flatMap(postable))
}

function postable(shipment: Shipment): unknown[] {
  const { options, text, event, resolved, now } = shipment
  const { over, alerts } = alertsOf(shipment)
  const { title, additional, notes, link } = messageOf(shipment)
  const annotations = {
    summary: cut(title, 1_024),
    description: cut(clean(text).trim(), 8_192),
    ...(additional && { additional: cut(additional, 2_048) }),
    ...(notes.length > 0 && { notes: notes.join('. ') }),
  }
  const happened = Math.min(timeOf(resolved?.to ?? event.time, now), now)
  const times = over
    ? { startsAt: rfc3339(Math.min(timeOf(resolved?.from, happened), happened)), endsAt: rfc3339(happened) }
    : lasting(happened, shipment)
  return alerts.map(({ labels }) => ({
    labels: { ...labels, ...labelsIn(options) },
    annotations,
    ...times,
    ...(link && { generatorURL: link }),
  }))
}

/** Without an end Alertmanager takes it for over after its `resolve_timeout`: an event does not come again and again. */
function lasting(from: number, { options, resolve }: Shipment): { startsAt: string; endsAt?: string } {
  const lasts = durationOf(options.lasts ?? '') ?? (resolve ? day : undefined)
  return { startsAt: rfc3339(from), ...(lasts && { endsAt: rfc3339(from + lasts) }) }
}

const rfc3339 = (ms: number) => new Date(ms).toISOString()

function timeOf(time: string | undefined, otherwise: number): number {
  const ms = Date.parse(time ?? '')
  return Number.isNaN(ms) ? otherwise : ms
}
