import { setTimeout as pause } from 'node:timers/promises'
import type { Kubernetes } from '../../../shared/adapters/kubernetes.ts'
import { type Bucket, bucketIn } from '../../../shared/adapters/kv.ts'
import type { Nats } from '../../../shared/adapters/nats.ts'
import type { Publisher } from '../../../shared/adapters/publisher.ts'
import type { Classify } from '../../../shared/classify.ts'
import { ownSource } from '../../../shared/event.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { buckets } from '../../../shared/streams.ts'
import { token } from '../../../shared/subject.ts'
import { type ContextCounts, contextOf } from '../context/context.ts'
import { checkpointIn } from './checkpoint.ts'
import { collectionOf, eventsApi } from './collection.ts'
import { occurrencesIn } from './counts.ts'
import type { Watched } from './filter.ts'
import type { EventMetrics } from './metrics.ts'
import { pluralsOf } from './plurals.ts'
import { sightings } from './reader.ts'
import { publishSightings } from './source.ts'

/** The watching of a cluster's events, under way. */
export type EventWatch = {
  /** Was the API server reached once? */
  ready(): boolean
  /** Finishes what is in flight, for a moment, and writes the checkpoint. */
  stop(): Promise<void>
}

/** A half-open watch is noticed so long after it should have ended, in seconds. */
const grace = 15
const lastMoment = 3_000

export type WatchWorld = {
  about: { cluster: string; namespace: string; classify?: Classify }
  watched: Watched
  kubernetes: Kubernetes
  /** With a rate of its own, so that finding out about objects holds up no watch. */
  context: { json: Kubernetes['json']; counts: ContextCounts }
  nats: Nats
  publish: Publisher['publish']
  /** Sees to streams and buckets, again where they are lost. */
  prepare(): Promise<void>
  metrics: EventMetrics
  /** The first watch is open. */
  first(): void
  log: Log
}

/** Puts the events of a cluster on the bus from now on. */
export function watchEvents(world: WatchWorld): EventWatch {
  const { about, watched, kubernetes, nats, metrics, log } = world
  const stopping = new AbortController()
  const { signal } = stopping
  const cluster = token(about.cluster)
  const wall = () => Date.now()
  // A stop does not wait for a pause to end.
  const sleep = (ms: number) => pause(ms, undefined, { signal }).catch(() => {})
  const checkpoint = checkpointIn(bucketIn(nats, buckets.checkpoints), `events.${cluster}`, log)
  const counted = under(cluster, bucketIn(nats, buckets.counts))
  let ready = false

  async function publish(message: Parameters<Publisher['publish']>[0]) {
    try {
      return await world.publish(message)
    } catch (error) {
      await world.prepare().catch(() => {})
      throw error
    }
  }

  async function begin() {
    for (;;) {
      try {
        await world.prepare()
        return await eventsApi(kubernetes.json)
      } catch (error) {
        log.warn({ err: messageOf(error) }, 'Cannot begin to watch events yet, trying again')
        await sleep(2_000)
        signal.throwIfAborted()
      }
    }
  }

  async function run(): Promise<void> {
    const api = await begin()
    const seen = sightings(
      {
        json: kubernetes.json,
        watch: kubernetes.watch,
        place: checkpoint.read,
        opened() {
          if (!ready) world.first()
          ready = true
          metrics.opened()
        },
        ended(reason) {
          if (reason !== 'expired') log.warn({ reason }, 'A watch of events ended')
          metrics.ended(reason)
        },
        random: Math.random,
        sleep,
        wall,
      },
      collectionOf(api, watched),
      signal,
      {
        least: watched.watchSeconds,
        spread: watched.watchSeconds,
        grace: Math.min(grace, watched.watchSeconds),
      },
    )
    log.info({ api }, 'Watching events')
    await publishSightings(
      {
        about: { ...about, source: ownSource },
        occurrences: occurrencesIn(counted),
        plurals: pluralsOf(kubernetes.json, wall),
        context: contextOf({ ...world.context, wall, later, log }, watched.enrich),
        counts: metrics,
        ...{ api, watched, publish, checkpoint, wall, log },
        sleep: pause,
      },
      seen,
    )
  }

  const done = run().catch(error => {
    if (!signal.aborted) log.error({ err: messageOf(error) }, 'Watching events has failed')
  })
  return {
    ready: () => ready,
    async stop() {
      stopping.abort()
      await Promise.race([done, pause(lastMoment)])
      await Promise.race([checkpoint.flush(), pause(lastMoment)])
    },
  }
}

function later(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms).unref()
  return () => clearTimeout(timer)
}

const under = (prefix: string, bucket: Bucket): Bucket => ({
  get: key => bucket.get(`${prefix}.${key}`),
  put: (key, ...rest) => bucket.put(`${prefix}.${key}`, ...rest),
})
