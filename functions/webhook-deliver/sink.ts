import type { HttpAnswer } from '../../shared/adapters/http.ts'
import type { OpsEvent } from '../../shared/event.ts'
import type { Outcome } from '../../shared/outcome.ts'

/** One delivery as a sink sees it: the event without what only the way here needed, and its readable text. */
export type Shipment = {
  event: OpsEvent
  text: string
  url: URL
  options: Record<string, string>
  additional: string
  hook: { namespace: string; name: string }
  /** The id is the same on every attempt; attempts count from 1. */
  delivery: { id: string; attempt: number }
}

/** What a sink would send, or why this delivery can never be sent. */
export type SinkRequest =
  | { url: URL; headers: Record<string, string>; body: string | Buffer }
  | { problem: string }

/** A kind of receiver. Pure: what every request carries is added, and sending is done, by who calls it. */
export type Sink = {
  request(shipment: Shipment): SinkRequest
  /** What an answer says beyond its status, for services that answer 200 to everything. */
  verdict?(answer: HttpAnswer): Outcome | undefined
}
