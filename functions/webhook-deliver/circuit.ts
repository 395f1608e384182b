import { z } from 'zod'

/**
 * How a receiver fares with one hook. `failures`: those in a row, one that hung counting for three. `opened`: how often
 * in a row it was left alone, 0 while all is well. `until`: Unix milliseconds until which it is.
 */
export const Circuit = z.object({ failures: z.number(), opened: z.number(), until: z.number() })
export type Circuit = z.infer<typeof Circuit>

export const closed: Circuit = { failures: 0, opened: 0, until: 0 }

/** `closed`: send. `open`: leave it alone. `half-open`: one request may go and find out. */
export function stateOf({ opened, until }: Circuit, now: number): 'closed' | 'open' | 'half-open' {
  if (opened === 0) return 'closed'
  return now < until ? 'open' : 'half-open'
}

const most = 5
const hungCounts = 3
const pauses = [5_000, 15_000, 30_000, 60_000, 120_000, 300_000]

/** A receiver may ask for patience, not for oblivion. */
export const longestAsked = 2 * 3_600_000

/**
 * The circuit after one more failure: open from the fifth in a row on, or the second that hung, for longer each time;
 * and from the first on for as long as the receiver asked. `after` in milliseconds, `random` from 0 to 1.
 */
export function afterFailure(
  circuit: Circuit,
  {
    now,
    random,
    late,
    after = 0,
  }: { now: number; random: number; late: boolean; after?: number | undefined },
): Circuit {
  const failures = circuit.failures + (late ? hungCounts : 1)
  if (after > 0) {
    const until = Math.max(circuit.until, now + Math.min(after, longestAsked))
    return { failures, opened: Math.max(circuit.opened, 1), until }
  }
  if (circuit.opened === 0 && failures < most) return { ...circuit, failures }
  const pause = pauses[Math.min(circuit.opened, pauses.length - 1)] ?? 0
  return { failures, opened: circuit.opened + 1, until: now + Math.round(pause * (0.8 + 0.4 * random)) }
}
