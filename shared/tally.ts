import { z } from 'zod'

/**
 * What one event came to at a hook. hook-evaluate: `matched` (subject, keywords and filters hold), and of those either
 * held back (`dedup`, `threshold`, `storm`, `silenced`, `suspended`), or `queued` for delivery, `republished` by type
 * event, or `refused` since nothing can be made of it. `notices` are what is told beside single events: digests, ends
 * of windows, ends of troubles; they are queued too. webhook-deliver: `delivered`. The bridge: `dead`. So that
 *
 *   matched + notices = dedup + threshold + storm + silenced + suspended + queued + republished + refused
 *   queued = delivered + dead + waiting
 */
export const Counted = z.enum([
  'matched',
  'notices',
  'dedup',
  'threshold',
  'storm',
  'silenced',
  'suspended',
  'queued',
  'republished',
  'refused',
  'delivered',
  'dead',
])
export type Counted = z.infer<typeof Counted>

/** By hook (`namespace/name`), how often each happened. Travels in a function's answer, and the bridge counts it. */
export const Tally = z.record(z.string(), z.partialRecord(Counted, z.int().min(0)))
export type Tally = z.infer<typeof Tally>
