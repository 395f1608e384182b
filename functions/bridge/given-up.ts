import type { Log } from '../../shared/log.ts'
import { limiter } from '../../shared/rate.ts'
import { masked } from './deadletter.ts'
import type { Item } from './item.ts'

/**
 * Says which events of a trigger were given up: twenty at once, then one a second, which tells how many it stands
 * for. A dead receiver with a full backlog would fill the log otherwise; each one lies in `deadletters` anyway.
 */
export function openGivenUp(trigger: string, log: Pick<Log, 'warn'>, now: () => number) {
  const limit = limiter({ rate: 1, burst: 20 })
  let unsaid = 0

  return (item: Pick<Item, 'subject' | 'attempts'>, reason: string): void => {
    if (limit.wait(trigger, now()) > 0) {
      unsaid++
      return
    }
    limit.charge(trigger, 1, now())
    const { subject, attempts } = item
    const others = unsaid > 0 ? { others: unsaid } : {}
    unsaid = 0
    log.warn({ trigger, subject, attempts, reason: masked(reason), ...others }, 'Gave up on an event')
  }
}
