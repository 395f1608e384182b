import { DeliverPolicy } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { apiVersion } from '../../hook.ts'
import { managerOf } from '../jetstream.ts'
import { orOvertaken } from '../kv.ts'
import { isMarker, messages, stream } from './bucket.ts'
import type { Place } from './owned.ts'
import { keyOfObject, type Whole } from './whole.ts'

/** Whoever was away for longer finds a list anyway. */
const markersStay = 3600_000
const nanosecondsAMillisecond = 1_000_000

/** Takes away what lost its owner, since whoever removed that died in the middle. */
export async function removeOrphans({ open, look }: Place): Promise<number> {
  const all = [...(await look()).values()]
  const uids = new Set(all.map(({ whole }) => whole?.metadata.uid))
  const isOrphan = ({ metadata: { ownerReferences } }: Whole) =>
    ownerReferences.length > 0 &&
    ownerReferences.every(owner => owner.apiVersion === apiVersion && !uids.has(owner.uid))
  let removed = 0
  const kv = await open()
  for (const { whole, revision } of all) {
    if (!whole || !isOrphan(whole)) continue
    const { namespace, name } = whole.metadata
    const gone = kv.delete(keyOfObject(whole.kind, namespace, name), { previousSeq: revision })
    if (await orOvertaken(gone.then(() => true))) removed++
  }
  return removed
}

/** Takes away what says that an object was taken away, when that is long ago: each run leaves one. */
export async function removeMarkers(nc: NatsConnection, now: number): Promise<void> {
  const jsm = await managerOf(nc)
  for await (const message of messages(nc, { deliver_policy: DeliverPolicy.All, headers_only: true })) {
    const { seq, subject, info } = message
    if (!isMarker(message) || info.timestampNanos / nanosecondsAMillisecond > now - markersStay) continue
    // Up to the marker: what was made under the key since then stays.
    await jsm.streams.purge(stream, { filter: subject, seq: seq + 1 })
  }
}
