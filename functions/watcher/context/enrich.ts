import { z } from 'zod'

const chosen = z.array(z.string().min(1).max(317)).max(20).default([])

/**
 * What is found out about the object of an event and goes with it. `owner`: who owns it, up to the root. `node` and
 * `zone`: where it runs. `claims`: of events about volumes, which claims and of which storage class. `labels` and
 * `annotations`: those of the object and of its root that have these names. An event waits for all this at most `wait`
 * ms, and the API server is asked at most `qps` times a second, `burst` times at once; so much of `entries` objects is
 * remembered.
 */
export const Enrich = z
  .strictObject({
    owner: z.boolean().default(true),
    node: z.boolean().default(true),
    zone: z.boolean().default(true),
    claims: z.boolean().default(true),
    labels: chosen,
    annotations: chosen,
    wait: z.int().min(0).max(5_000).default(300),
    qps: z.number().positive().max(1_000).default(50),
    burst: z.int().min(1).max(10_000).default(200),
    entries: z.int().min(100).max(1_000_000).default(20_000),
  })
  .prefault({})
export type Enrich = z.infer<typeof Enrich>
