const day = 24 * 3600
const mebibyte = 1024 * 1024

/** A stream as it should be; seconds and bytes, `old` throws the oldest away at the limit, `new` refuses. */
export type StreamShape = {
  name: string
  subjects: string[]
  retention: 'limits' | 'workqueue'
  maxAge: number
  maxBytes: number
  discard: 'old' | 'new'
  duplicateWindow: number
}

/**
 * The streams. A full `ops` that refused would stop the watch in the very storm it is there for, so its oldest go and
 * are told; the work queues hold what nobody has done yet, so they refuse. infra/decisions/0002 has the reasons.
 */
export const streams = [
  {
    name: 'ops',
    subjects: ['ops.>'],
    retention: 'limits',
    maxAge: day,
    maxBytes: 4096 * mebibyte,
    discard: 'old',
    duplicateWindow: 120,
  },
  {
    name: 'deliveries',
    subjects: ['deliveries.>'],
    retention: 'workqueue',
    maxAge: 3 * day,
    maxBytes: 1024 * mebibyte,
    discard: 'new',
    duplicateWindow: 120,
  },
  {
    name: 'runs',
    subjects: ['runs.>'],
    retention: 'workqueue',
    maxAge: day,
    maxBytes: 256 * mebibyte,
    discard: 'new',
    duplicateWindow: 120,
  },
  {
    name: 'retries',
    subjects: ['retries.>'],
    retention: 'workqueue',
    maxAge: 3 * day,
    maxBytes: 1024 * mebibyte,
    discard: 'new',
    duplicateWindow: 120,
  },
  {
    name: 'deadletters',
    subjects: ['deadletters.>'],
    retention: 'limits',
    maxAge: 14 * day,
    maxBytes: 1024 * mebibyte,
    discard: 'old',
    duplicateWindow: 120,
  },
  {
    // What the bridge counts, until it stands in the ledger (infra/decisions/0009).
    name: 'journal',
    subjects: ['journal.>'],
    retention: 'limits',
    maxAge: day,
    maxBytes: 256 * mebibyte,
    discard: 'old',
    duplicateWindow: 120,
  },
] as const satisfies StreamShape[]

/**
 * The KV buckets: compiled hooks; leases of ordered triggers; how far the watcher is in each cluster; how often
 * event objects had happened when last seen, which are forgotten when Kubernetes keeps none of them any more; and
 * silences, under `resource.…` those of resources, which are the watcher's, and under `api.…` those of ops-api;
 * and which dead letters were replayed, remembered as long as these lie in their stream; and which troubles were told
 * to hooks that want to know of their end; and the ledger, what became of events by hook; and, without a cluster, the
 * objects that would lie in it; and the tokens of runs that run; and the keys by which hosts are known.
 */
export const buckets = {
  hooks: 'hooks',
  leases: 'leases',
  checkpoints: 'checkpoints',
  counts: 'counts',
  silences: 'silences',
  replays: 'replays',
  raised: 'raised',
  ledger: 'ledger',
  objects: 'objects',
  runTokens: 'runtokens',
  hostKeys: 'hostkeys',
} as const
export const leaseSeconds = 7
export const countSeconds = day
export const replaySeconds = 14 * day
export const raisedSeconds = 7 * day
/** A day for the run, and an hour for whoever asks at its end. */
export const runTokenSeconds = day + 3600

/** What of these a cluster needs whose events are taken to another one: it only watches (infra/decisions/0022). */
export const leafPart = { streams: ['ops'], buckets: ['checkpoints', 'counts'] } as const satisfies {
  streams: (typeof streams)[number]['name'][]
  buckets: (keyof typeof buckets)[]
}
