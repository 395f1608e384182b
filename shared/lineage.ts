import { z } from 'zod'
import type { OpsEvent } from './event.ts'
import { hopsOf } from './hops.ts'

/** Where something comes from, as extensions of an event tell it: what a run publishes has that of what started it. */
export const Lineage = z.object({
  hops: z.int().min(0).optional(),
  via: z.string().optional(),
  causationid: z.string().optional(),
  correlationid: z.string().optional(),
})
export type Lineage = z.infer<typeof Lineage>

/** The ids of the hooks behind an event, oldest first: none of them judges what came of its own output. */
export const viaOf = (event: OpsEvent): string[] =>
  typeof event.via === 'string' && event.via !== '' ? event.via.split(' ') : []

/** The extensions by which what a hook makes of an event tells where it comes from. */
export const descent = (event: OpsEvent, hookId: string) => ({
  causationid: event.id,
  hops: hopsOf(event) + 1,
  via: [...viaOf(event), hookId].join(' '),
})
