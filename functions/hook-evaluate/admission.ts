import type { OpsEvent } from '../../shared/event.ts'
import { hopsOf } from '../../shared/hops.ts'
import { isObject } from '../../shared/json.ts'
import { drop, type Outcome } from '../../shared/outcome.ts'

/** More hops than any chain of hooks is meant to have: what comes this far goes in a circle. */
const mostHops = 8

/** What becomes of an event that no hook judges, whichever hooks there are; undefined for all others. */
export function outcomeWithoutHooks(event: OpsEvent): Outcome | undefined {
  if (event.subject === undefined) return drop('The event has no subject, so no hook can judge it')
  const hops = hopsOf(event)
  return hops > mostHops ? drop(`Loop: ${hops} hops, at most ${mostHops} are allowed`) : undefined
}

/** Does it tell that Kubernetes deleted an event? That fires only hooks whose filters ask for it. */
export const isDeletion = (event: OpsEvent): boolean =>
  event.type === 'Kube' && isObject(event.data) && event.data.operation === 'DELETED'
