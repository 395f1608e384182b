import { z } from 'zod'

/** Where something comes from, as extensions of an event tell it: what a run publishes has that of what started it. */
export const Lineage = z.object({
  hops: z.int().min(0).optional(),
  via: z.string().optional(),
  causationid: z.string().optional(),
  correlationid: z.string().optional(),
})
export type Lineage = z.infer<typeof Lineage>
