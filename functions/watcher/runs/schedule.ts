import type { Crontab } from '../../../shared/crontab.ts'

/** What became due since `from`, where the bus held everything before. All times in Unix ms. */
export type Due = {
  /** To be ordered, in order. */
  orders: number[]
  /** Those that nobody will order any more. */
  missed: { count: number; first: number; last: number } | undefined
}

/** A clock that was held up for so long orders all the same what it would have; longer ago is an outage. */
const heldUp = 10_000
/** So late is on time, whatever `startingDeadlineSeconds` says. */
const onTime = 2_000

/**
 * What a schedule is to do at `now`: what is due, and of what was missed in an outage only the latest, unless it is too
 * late for that too.
 */
export function dueOf(
  {
    crontab,
    from,
    startingDeadline = Number.POSITIVE_INFINITY,
  }: { crontab: Crontab; from: number; startingDeadline?: number | undefined },
  now: number,
): Due {
  const { count, latest } = crontab.within(from, now)
  const first = crontab.next(from)
  if (latest === undefined || first === undefined) return { orders: [], missed: undefined }
  const inTime = (due: number) => now - due <= Math.max(startingDeadline, onTime)
  const all = now - first <= heldUp ? inOrder(crontab, from, now) : [latest]
  const orders = all.filter(inTime)
  const missed = count - orders.length
  if (missed === 0) return { orders, missed: undefined }
  const last = crontab.within(from, (orders[0] ?? now + 1) - 1).latest ?? first
  return { orders, missed: { count: missed, first, last } }
}

function inOrder(crontab: Crontab, from: number, to: number): number[] {
  const all: number[] = []
  for (let due = crontab.next(from); due !== undefined && due <= to; due = crontab.next(due)) all.push(due)
  return all
}
