import type { ClusterObject } from '../../../shared/changes.ts'
import { type Line, suppressed } from '../../../shared/ledger.ts'
import type { HookStatus } from '../../../shared/resources/hook-status.ts'

/** What of a hook's status is counted. */
export type Counters = Pick<
  HookStatus,
  'matched' | 'delivered' | 'failed' | 'suppressed' | 'lastMatchedTime' | 'lastError'
>

/** A line of the ledger as a hook's status has it: what a hook of type `event` republished, it delivered. */
export function countersOf({ counts, lastMatched, lastError }: Line): Counters {
  const { matched = 0, delivered = 0, republished = 0, dead = 0, refused = 0 } = counts
  return {
    matched,
    delivered: delivered + republished,
    failed: dead + refused,
    suppressed: suppressed(counts),
    ...(lastMatched !== undefined && {
      lastMatchedTime: `${new Date(lastMatched).toISOString().slice(0, 19)}Z`,
    }),
    ...(lastError && { lastError: lastError.reason }),
  }
}

/** What of it a hook's status does not say yet; undefined where that is nothing. */
export function lackingCounters({ status }: Pick<ClusterObject, 'status'>, line: Line): Counters | undefined {
  const lacking = Object.entries(countersOf(line)).filter(([field, value]) => status[field] !== value)
  return lacking.length > 0 ? Object.fromEntries(lacking) : undefined
}
