import type { Registry } from 'prom-client'
import { managerOf } from '../../shared/adapters/jetstream.ts'
import { bucketIn } from '../../shared/adapters/kv.ts'
import { openLease } from '../../shared/adapters/lease.ts'
import { connectionNow, type Nats } from '../../shared/adapters/nats.ts'
import type { Message } from '../../shared/adapters/publisher.ts'
import { domainIn } from '../../shared/leaf.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { buckets } from '../../shared/streams.ts'
import { clusterIn, leafLoss } from './leaf-loss.ts'
import { leafMetrics } from './leaf-metrics.ts'
import { type LeafGap, lostOf } from './leaf-places.ts'
import { readLeaves } from './leaf-reader.ts'
import type { Keeper } from './run.ts'

export type LeavesWorld = {
  nats: Nats
  /** The leaf clusters, by their domains. */
  leaves: string[]
  /** Where alerts of ours stand. */
  namespace: string
  /** Which replica this is. */
  me: string
  publisher: { publish(message: Message): Promise<{ duplicate: boolean }> }
  registry: Registry
  log: Log
}

const lookEvery = 5_000
/** It holds up nobody. */
const ready = Promise.resolve()

/** Sees how far the streams of leaf clusters are taken over, and tells as an event what they threw away before. */
export function watchLeaves(world: LeavesWorld): Keeper {
  const { nats, leaves, me, log } = world
  if (leaves.length === 0) return { ready, async stop() {} }
  const counts = leafMetrics(world.registry, leaves)
  const memory = bucketIn(nats, buckets.checkpoints)
  let reader: ReturnType<typeof readLeaves> | undefined
  const gained = () => {
    reader = readLeaves({ nats, memory, tell, log })
  }
  const lost = () => reader?.stop()
  const lease = openLease(nats, 'leaves', me, { lingers: 0, gained, lost }, log)

  async function tell(gap: LeafGap, subject: string): Promise<void> {
    const cluster = clusterIn(subject)
    const events = lostOf(gap, await firstOf(cluster))
    if (events === 0) return
    const { duplicate } = await world.publisher.publish(
      leafLoss({ ...gap, cluster, events }, { namespace: world.namespace, now: new Date() }),
    )
    // It was told before, and could not be remembered.
    if (duplicate) return
    counts.lost(cluster, events)
    log.error({ cluster, events }, 'A leaf cluster has lost events')
  }

  /** The place of the first that the stream of a leaf cluster still holds. */
  async function firstOf(domain: string): Promise<number | undefined> {
    try {
      const jsm = await managerOf(connectionNow(nats), { domain, timeout: 2_000 })
      return (await jsm.streams.info('ops')).state.first_seq
    } catch {
      return undefined
    }
  }

  async function look(): Promise<void> {
    const nc = nats.up()
    if (!nc) return
    try {
      const { sources } = await (await managerOf(nc)).streams.info('ops')
      for (const { lag, active, ...source } of sources ?? []) {
        const domain = domainIn(source)
        if (domain) counts.stands(domain, { lag, silent: active })
      }
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'Cannot look how far leaf clusters are')
    }
  }
  void look()
  const looking = setInterval(look, lookEvery)
  return {
    ready,
    async stop() {
      clearInterval(looking)
      reader?.stop()
      await lease.stop()
    },
  }
}
