import type { OpsEvent } from '../../shared/event.ts'
import { hopsOf } from '../../shared/hops.ts'

/** More hops than any chain of hooks is meant to have: what comes this far goes in a circle. */
export const mostHops = 8

/** The ids of those hooks, oldest first: none of them judges what came of its own output. */
export const viaOf = (event: OpsEvent): string[] =>
  typeof event.via === 'string' && event.via !== '' ? event.via.split(' ') : []

/** The extensions by which what a hook makes of an event tells where it comes from. */
export const descent = (event: OpsEvent, hookId: string) => ({
  causationid: event.id,
  hops: hopsOf(event) + 1,
  via: [...viaOf(event), hookId].join(' '),
})
