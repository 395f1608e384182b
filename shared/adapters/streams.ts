import {
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Log } from '../log.ts'
import {
  buckets,
  countSeconds,
  leaseSeconds,
  raisedSeconds,
  replaySeconds,
  runTokenSeconds,
  type StreamShape,
  streams,
} from '../streams.ts'

const underWay = new WeakMap<NatsConnection, Promise<void>>()

/**
 * Makes the streams and buckets that are missing. One that is there and differs was changed by hand: it is reported,
 * not overwritten. Safe to call from several processes at once; who calls while it is under way waits for its end.
 */
export async function ensureStreams(nc: NatsConnection, replicas: number, log: Log): Promise<void> {
  const before = underWay.get(nc)
  if (before) return before
  const making = makeMissing(nc, replicas, log).finally(() => underWay.delete(nc))
  underWay.set(nc, making)
  return making
}

// 2.9.10 was seen to answer nothing any more when it was asked about the account while it made streams.
const unasked = { checkAPI: false }

async function makeMissing(nc: NatsConnection, replicas: number, log: Log): Promise<void> {
  const jsm = await jetstreamManager(nc, unasked)
  for (const shape of streams) {
    const wanted = configOf(shape, replicas)
    try {
      const { config } = await jsm.streams.info(shape.name)
      const differs = differences(wanted, config)
      if (differs.length > 0)
        log.warn({ stream: shape.name, differs }, 'Stream differs from the design and is left as it is')
    } catch (error) {
      if (!isNotFound(error)) throw error
      await jsm.streams.add(wanted)
      log.info({ stream: shape.name }, 'Stream made')
    }
  }
  const kvm = new Kvm(jetstream(nc, unasked))
  await kvm.create(buckets.hooks, { replicas, history: 1 })
  await kvm.create(buckets.leases, { replicas, history: 1, ttl: leaseSeconds * 1000 })
  await kvm.create(buckets.checkpoints, { replicas, history: 1 })
  await kvm.create(buckets.counts, { replicas, history: 1, ttl: countSeconds * 1000 })
  await kvm.create(buckets.silences, { replicas, history: 1 })
  await kvm.create(buckets.ledger, { replicas, history: 1 })
  await kvm.create(buckets.replays, { replicas, history: 1, ttl: replaySeconds * 1000 })
  await kvm.create(buckets.runTokens, { replicas, history: 1, ttl: runTokenSeconds * 1000 })
  await kvm.create(buckets.raised, { replicas, history: 1, ttl: raisedSeconds * 1000 })
  await kvm.create(buckets.objects, { replicas, history: 1 })
  await kvm.create(buckets.hostKeys, { replicas, history: 1 })
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
