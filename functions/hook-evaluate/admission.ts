import type { OpsEvent } from '../../shared/event.ts'
import { isObject } from '../../shared/json.ts'
import { done, drop, type Outcome } from '../../shared/outcome.ts'
import { hopsOf, mostHops } from './lineage.ts'

/** What becomes of an event that no hook judges, whichever hooks there are; undefined for all others. */
export function outcomeWithoutHooks(event: OpsEvent): Outcome | undefined {
  if (event.subject === undefined) return drop('The event has no subject, so no hook can judge it')
  const hops = hopsOf(event)
  if (hops > mostHops) return drop(`Loop: ${hops} hops, at most ${mostHops} are allowed`)
  return isDeletion(event) ? done : undefined
}

const isDeletion = (event: OpsEvent) =>
  event.type === 'Kube' && isObject(event.data) && event.data.operation === 'DELETED'
