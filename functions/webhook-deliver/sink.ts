import type { HttpAnswer } from '../../shared/adapters/http.ts'
import type { OpsEvent } from '../../shared/event.ts'
import type { Outcome } from '../../shared/outcome.ts'
import type { Severity } from '../../shared/severity.ts'

/** One delivery as a sink sees it: the event without what only the way here needed, and how people read it. */
export type Shipment = {
  event: OpsEvent
  /** The readable text that keywords match, or what the hook's template made. */
  text: string
  /** Whether `text` is the hook's own template: it is sent as it is, without title and fields. */
  templated: boolean
  /** One line, plain text: what happened to what, such as `NodeNotReady: node/worker-1 in prod`. */
  title: string
  /** The readable text's lines as pairs, plain text. */
  fields: [label: string, value: string][]
  severity: Severity
  /** Where the event can be looked at, where a console is configured. */
  link?: string
  /** What noise control has to tell; `held` how many were held back since then (RFC 3339). */
  notice?: 'held' | 'digest' | 'resolved'
  held?: { count: number; since: string }
  /**
   * Of a trouble that is over: which delivery told of it, from when to when it lasted (RFC 3339), and its name
   * (shared/counter-events.ts): one event may end several.
   */
  resolved?: { delivery: string; from: string; to: string; trouble?: string }
  /** Whether the hook wants to be told the end of a trouble too. */
  resolve?: true
  url: URL
  options: Record<string, string>
  additional: string
  hook: { namespace: string; name: string }
  /** The id is the same on every attempt; attempts count from 1. */
  delivery: { id: string; attempt: number }
  /** Unix milliseconds. */
  now: number
}

/** What a sink would send, or why this delivery can never be sent. */
export type SinkRequest =
  | { url: URL; headers: Record<string, string>; body: string | Buffer; method?: 'POST' | 'PUT' }
  | { problem: string }

/**
 * How a kind of receiver is asked. Pure: what every request carries is added, and sending is done, by who calls it.
 * The settings of the hook were judged before (shared/receivers.ts).
 */
export type Sink = {
  request(shipment: Shipment): SinkRequest
  /** What an answer says beyond its status, for services that answer 200 to everything. */
  verdict?(answer: HttpAnswer): Outcome | undefined
  /** For services that take many at once: one request for deliveries of one hook, and what its answer says of each. */
  many?: {
    request(shipments: Shipment[]): SinkRequest
    verdicts(answer: HttpAnswer, shipments: Shipment[]): Outcome[] | undefined
  }
}
