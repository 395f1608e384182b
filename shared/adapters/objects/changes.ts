import { DeliverPolicy } from '@nats-io/jetstream'
import type { KvEntry } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { type Change, type ClusterObject, objectOf } from '../../changes.ts'
import { messageOf } from '../../log.ts'
import { type Kind, resources } from '../../resources.ts'
import { buckets } from '../../streams.ts'
import { managerOf } from '../jetstream.ts'
import { openBucket } from '../kv.ts'
import { connectionNow, type Nats } from '../nats.ts'
import { isMarker, messages, stream, subjectOf } from './bucket.ts'
import { entriesOf } from './inbox.ts'
import { asRead } from './whole.ts'

/** What reading the changes needs of its surroundings. */
export type KvReading = {
  /** Told why the objects cannot be read, or one of them. */
  failed(error: unknown): void
  sleep(ms: number): Promise<void>
}

const askAgain = 500

/**
 * The objects of a kind in KV and their changes, until `signal`: all there are, then one change after the other, and
 * all again behind every failure and when NATS was away. It never throws for what the server does.
 */
export async function* changesInKv(
  nats: Nats,
  kind: Kind,
  world: KvReading,
  signal: AbortSignal,
  every = 10_000,
): AsyncGenerator<Change, void> {
  const key = `${resources[kind].plural}.>`
  while (!signal.aborted) {
    try {
      yield* once(connectionNow(nats))
    } catch (error) {
      if (signal.aborted) return
      if (/stream not found/i.test(messageOf(error))) yield { kind: 'unknown' }
      else world.failed(error)
    }
    if (!signal.aborted) await world.sleep(askAgain)
  }

  /** All, and what follows, until there may be something that does not reach us. */
  async function* once(nc: NatsConnection): AsyncGenerator<Change, void> {
    const known = new Map<string, ClusterObject>()
    const jsm = await managerOf(nc)
    const { created, state } = await jsm.streams.info(stream)
    const filter = { filter_subject: subjectOf(key), deliver_policy: DeliverPolicy.LastPerSubject }
    for await (const message of messages(nc, filter)) {
      if (isMarker(message)) continue
      const object = readable(message.string(), message.seq)
      if (object) known.set(object.id, object)
    }
    yield { kind: 'all', objects: [...known.values()] }

    const kv = await openBucket(nc, buckets.objects)
    const watch = await kv.watch({ key, resumeFromRevision: state.last_seq + 1 })
    for await (const came of entriesOf({ nc, watch, signal, every })) {
      if (came !== 'tick') yield* changesOf(came, known)
      else if ((await jsm.streams.info(stream)).created === created) yield { kind: 'still' }
      else return
    }
  }

  function* changesOf(entry: KvEntry, known: Map<string, ClusterObject>): Generator<Change> {
    const [, namespace = '', ...name] = entry.key.split('.')
    const id = `${namespace}/${name.join('.')}`
    const before = known.get(id)
    const object = entry.operation === 'PUT' ? readable(entry.string(), entry.revision) : undefined
    if (entry.operation === 'PUT' && !object) return
    // Another one in its place: nothing may be left to tell that the first one went.
    if (before && before.metadata.uid !== object?.metadata.uid) yield { kind: 'gone', object: before }
    if (object) yield { kind: 'put', object }
    if (object) known.set(id, object)
    else known.delete(id)
  }

  function readable(text: string, revision: number): ClusterObject | undefined {
    try {
      return objectOf(asRead(JSON.parse(text), revision))
    } catch (error) {
      world.failed(new Error(`A ${kind} in KV is not as an object is: ${messageOf(error)}`))
      return undefined
    }
  }
}
