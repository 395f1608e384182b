import {
  DiscardPolicy,
  type JetStreamManager,
  jetstream,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { sourcesFor } from '../leaf.ts'
import { type Log, messageOf } from '../log.ts'
import {
  buckets,
  countSeconds,
  leafPart,
  leaseSeconds,
  raisedSeconds,
  replaySeconds,
  runTokenSeconds,
  type StreamShape,
  streams,
} from '../streams.ts'
import { managerOf, unasked } from './jetstream.ts'

const underWay = new WeakMap<NatsConnection, Promise<void>>()

/** What is made: all, with an `ops` that takes what those of leaf clusters hold, or what a leaf cluster needs. */
export type Part = { leaves: string[] } | 'leaf'

/**
 * Makes the streams and buckets that are missing. One that is there and differs was changed by hand: it is reported,
 * not overwritten. Safe to call from several processes at once; who calls while it is under way waits for its end.
 */
export async function ensureStreams(
  nc: NatsConnection,
  replicas: number,
  log: Log,
  part: Part = { leaves: [] },
): Promise<void> {
  const before = underWay.get(nc)
  if (before) return before
  const making = makeMissing({ nc, replicas, log }, part).finally(() => underWay.delete(nc))
  underWay.set(nc, making)
  return making
}

type Making = { nc: NatsConnection; replicas: number; log: Log }

async function makeMissing(making: Making, part: Part): Promise<void> {
  const { nc, replicas, log } = making
  const jsm = await managerOf(nc)
  const left = (needed: readonly string[], name: string) => part === 'leaf' && !needed.includes(name)
  for (const shape of streams) {
    if (left(leafPart.streams, shape.name)) continue
    const wanted = configOf(shape, replicas)
    try {
      const { config } = await jsm.streams.info(shape.name)
      const differs = differences(wanted, config)
      if (differs.length > 0)
        log.warn({ stream: shape.name, differs }, 'Stream differs from the design and is left as it is')
    } catch (error) {
      if (!isNotFound(error)) throw error
      await add(jsm, wanted)
      log.info({ stream: shape.name }, 'Stream made')
    }
  }
  if (part !== 'leaf') await takeFromLeaves(jsm, making, part.leaves)
  const kvm = new Kvm(jetstream(nc, unasked))
  for (const [key, name] of Object.entries(buckets)) {
    if (left(leafPart.buckets, key)) continue
    const ttl = lapses[name]
    await kvm.create(name, { replicas, history: 1, ...(ttl && { ttl: ttl * 1000 }) })
  }
}

async function add(jsm: JetStreamManager, wanted: Wanted): Promise<void> {
  try {
    await jsm.streams.add(wanted)
  } catch (cause) {
    const reason = messageOf(cause)
    const advice = /overlap/i.test(reason)
      ? ': take an account of NATS, or a server, where nobody else has streams on these subjects'
      : ''
    throw new Error(`Cannot make stream "${wanted.name}" on ${wanted.subjects}: ${reason}${advice}`, {
      cause,
    })
  }
}

/** After how many seconds entries lapse, where they do. */
const lapses: Partial<Record<string, number>> = {
  [buckets.leases]: leaseSeconds,
  [buckets.counts]: countSeconds,
  [buckets.replays]: replaySeconds,
  [buckets.runTokens]: runTokenSeconds,
  [buckets.raised]: raisedSeconds,
}

/** Lets `ops` take what those of the leaf clusters hold. */
async function takeFromLeaves(jsm: JetStreamManager, { nc, log }: Making, leaves: string[]): Promise<void> {
  const { config } = await jsm.streams.info('ops')
  const { all, added, odd } = sourcesFor(leaves, config.sources ?? [])
  if (odd.length > 0) log.warn({ stream: 'ops', odd }, 'Stream has other sources and is left as it is')
  if (added.length > 0) {
    await jsm.streams.update('ops', { sources: all })
    log.info({ stream: 'ops', clusters: added }, 'Stream takes the events of further clusters')
  }
  if (leaves.length > 0 && / 2\.[0-9]\./.test(` ${nc.info?.version}`))
    log.warn(
      { version: nc.info?.version },
      'This NATS waits until the duplicate window is over when a leaf cluster sends an event that is there: take 2.10 or newer',
    )
}

const nanoseconds = 1_000_000_000

type Wanted = Pick<
  StreamConfig,
  | 'name'
  | 'subjects'
  | 'retention'
  | 'discard'
  | 'storage'
  | 'max_age'
  | 'max_bytes'
  | 'duplicate_window'
  | 'num_replicas'
>

function configOf(shape: StreamShape, replicas: number): Wanted {
  return {
    name: shape.name,
    subjects: [...shape.subjects],
    retention: shape.retention === 'limits' ? RetentionPolicy.Limits : RetentionPolicy.Workqueue,
    discard: shape.discard === 'old' ? DiscardPolicy.Old : DiscardPolicy.New,
    storage: StorageType.File,
    max_age: shape.maxAge * nanoseconds,
    max_bytes: shape.maxBytes,
    duplicate_window: shape.duplicateWindow * nanoseconds,
    num_replicas: replicas,
  }
}

/** `field: is, wanted` for each that differs. Limits are the operator's to set: a smaller or larger one is no fault. */
function differences(wanted: Wanted, is: StreamConfig): string[] {
  const compared = ['subjects', 'retention', 'discard', 'duplicate_window'] as const
  return compared
    .filter(field => JSON.stringify(is[field]) !== JSON.stringify(wanted[field]))
    .map(field => `${field}: ${JSON.stringify(is[field])}, designed ${JSON.stringify(wanted[field])}`)
}

const isNotFound = (error: unknown) => error instanceof Error && /stream not found/i.test(error.message)
