import type { IncomingHttpHeaders } from 'node:http'
import type { OpsEvent } from './event.ts'

/** How many hooks are behind this event: each that made it out of another, or sent it to where it came back from. */
export function hopsOf(event: OpsEvent): number {
  // In binary mode every extension arrives as a string.
  const hops = Number(event.hops ?? 0)
  return Number.isInteger(hops) ? Math.max(hops, 0) : 0
}

/** The header by which a notification tells how many hooks are behind it, itself included. */
export const hopsHeader = 'ops-hops'

/**
 * The hops of what is posted: a receiver may be subject-ingest itself, or hand on to it, and a circle by way of HTTP has
 * to end too. Whoever sends the header in its own name only brings its own events nearer to their end.
 */
export function hopsIn({ [hopsHeader]: given }: IncomingHttpHeaders): { hops?: number } {
  return typeof given === 'string' && /^[1-9]\d{0,3}$/.test(given) ? { hops: Number(given) } : {}
}
