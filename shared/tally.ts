import { z } from 'zod'
import { isObject } from './json.ts'

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
export type Tally = Record<string, Partial<Record<Counted, number>>>
// Looked at for each event on its way: a record of records takes ten times as long.
export const Tally = z.custom<Tally>(
  value => isObject(value) && Object.values(value).every(isRow),
  'it has to hold numbers of what happened, by hook',
)

const words = new Set<string>(Counted.options)

function isRow(row: unknown): boolean {
  if (!isObject(row)) return false
  for (const word in row) if (!words.has(word) || !isCount(row[word])) return false
  return true
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0
