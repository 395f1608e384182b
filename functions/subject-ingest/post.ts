import type { IncomingHttpHeaders } from 'node:http'
import type { Classify } from '../../shared/classify.ts'
import type { Place } from '../../shared/event-path.ts'
import type { Lineage } from '../../shared/lineage.ts'

/** What is published for one event: its id, the id that makes a repeat a duplicate, and the CloudEvent as JSON. */
export type Post = { id: string; messageId: string; subject: string; payload: Buffer }

/**
 * A request to be read. `from` names its token, `lineage` is what all that is posted with that came of, `at` is the time
 * of its arrival, `newId` makes an id nobody has.
 */
export type Request = {
  headers: IncomingHttpHeaders
  body: Buffer
  from: string
  lineage?: Lineage
  at: Date
  newId(): string
}

/**
 * The installation that takes the events: `source` is that of events which have none of their own, `namespace` that
 * of events which come on no path that names one.
 */
export type About = Place & { source: string; classify?: Classify }

const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The trace that a caller is in (W3C Trace Context), as the extension of that name. */
export function traceOf({ traceparent: given }: IncomingHttpHeaders): { traceparent?: string } {
  return typeof given === 'string' && traceparent.test(given) ? { traceparent: given } : {}
}
