import type { Delivery } from '../../shared/delivery.ts'
import { inWords } from '../../shared/duration.ts'
import { localTime } from '../../shared/readable.ts'
import type { Shipment } from './sink.ts'

/** What noise control has to tell with a delivery, as far as it can be read; `now` in Unix milliseconds. */
export function toldOf(delivery: Delivery, now: number): Pick<Shipment, 'notice' | 'held' | 'resolved'> {
  const { notice, held, heldsince, resolves, raisedat, trouble, time } = delivery
  // In binary mode a number comes as a string.
  const count = Number(held)
  const told: Pick<Shipment, 'notice' | 'held' | 'resolved'> = {}
  if (notice === 'held' || notice === 'digest' || notice === 'resolved') told.notice = notice
  if (Number.isInteger(count) && count > 0 && isTime(heldsince)) told.held = { count, since: heldsince }
  if (notice === 'resolved' && typeof resolves === 'string' && isTime(raisedat)) {
    told.resolved = {
      delivery: resolves,
      from: raisedat,
      to: isTime(time) ? time : new Date(now).toISOString(),
      ...(typeof trouble === 'string' && { trouble }),
    }
  }
  return told
}

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value))

/** The same in words, a line each, to stand below the readable text. */
export function linesOf(
  { held, resolved }: Pick<Shipment, 'held' | 'resolved'>,
  { now, timeZone }: { now: number; timeZone: string },
): string[] {
  const lines: string[] = []
  if (resolved) lines.push(`resolved after ${lasted(resolved)}`)
  if (held) lines.push(`${held.count} more like this were held back since ${clock(held.since)}`)
  return lines

  // With its day where it was another one.
  function clock(since: string): string {
    const at = String(localTime(since, timeZone))
    const today = String(localTime(new Date(now).toISOString(), timeZone)).slice(0, 10)
    return at.startsWith(today) ? at.slice(11) : at
  }
}

export const lasted = ({ from, to }: { from: string; to: string }) =>
  inWords(Math.max(0, Date.parse(to) - Date.parse(from)))
