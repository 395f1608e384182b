import { type Message, type PubAck, PublishError } from '../../../shared/adapters/publisher.ts'
import { isObject } from '../../../shared/json.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import { subjectProblem } from '../../../shared/subject.ts'
import type { Context } from '../context/context.ts'
import type { Surroundings } from '../context/surroundings.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Occurrences } from './counts.ts'
import { droppedBy, type Watched } from './filter.ts'
import { type About, gapMessage, kubeMessage } from './message.ts'
import {
  countOf,
  type EventsApi,
  type KubeEvent,
  lastHappened,
  type Operation,
  parseKubeEvent,
} from './occurrence.ts'
import type { Plurals } from './plurals.ts'
import type { Sighting } from './reader.ts'
import { trackerOf } from './tracker.ts'

/** Where the source counts. `received` is the sum of published, duplicate and dropped, once nothing is in flight. */
export type SourceCounts = {
  received(): void
  published(): void
  duplicate(): void
  dropped(rule: string): void
  /** The bus holds a version of this event that tells of so many occurrences, whoever published it. */
  happened(event: KubeEvent, occurrences: number): void
  /** From the event's own last time until the bus had it, in ms; that time has seconds only in many events. */
  lag(ms: number): void
}

export type World = {
  about: About
  api: EventsApi
  watched: Watched
  /** @throws PublishError */
  publish(message: Message): Promise<PubAck>
  checkpoint: Pick<Checkpoint, 'reach'>
  occurrences: Occurrences
  plurals: Pick<Plurals, 'of'>
  /** Finds out what is around the object of an event; without it nothing is. */
  context?: Context
  counts: SourceCounts
  /** Unix milliseconds. */
  wall(): number
  sleep(ms: number): Promise<void>
  log: Log
}

/** A deleted object is news this long after it last happened: later it is Kubernetes clearing up. */
const recent = 120_000
const mostInFlight = 512

type Item = Extract<Sighting, { object: unknown }>
/** An event that is taken: told of, unless it is from before the start. */
type Taken = { event: KubeEvent; tell: boolean; around: Surroundings | Promise<Surroundings> }
type Version = { uid: string; version: string; count: number }
/** What to do with one version of an event: `message` is absent where it is not told. */
type Decided = { version?: Version; told?: { event: KubeEvent; message: Message; occurrences: number } }

/**
 * Puts what is seen of a cluster's events on the bus, in order and each version once, and moves the checkpoint behind
 * it. Nothing is given up: while the bus is away it takes no more. Ends, with all of it done, when the sightings do.
 */
export async function publishSightings(world: World, sightings: AsyncIterable<Sighting>): Promise<void> {
  const { about, counts, log } = world
  const tracker = trackerOf<Extract<Sighting, { kind: 'reached' }>>(mostInFlight, ({ place, anew }) =>
    world.checkpoint.reach(place, anew),
  )

  let turn: Promise<unknown> = Promise.resolve()
  for await (const sighting of sightings) {
    await tracker.room()
    switch (sighting.kind) {
      case 'seen': {
        const { place } = sighting
        tracker.follow(inTurn(sighting), { kind: 'reached', place, anew: false })
        break
      }
      case 'listed':
        tracker.follow(inTurn(sighting))
        break
      case 'reached':
        tracker.follow(undefined, sighting)
        break
      case 'gap':
        log.warn({ ...sighting }, 'Events may have been missed')
        tracker.follow(publishSurely(gapMessage(about, sighting)).then(() => {}))
        break
    }
  }
  await tracker.done()

  /** What is around it is asked for at once, side by side with those before; published is in order. */
  function inTurn(item: Item): Promise<void> {
    const taken = take(item)
    if (!taken) return Promise.resolve()
    const decided = turn.then(() => decide(taken, item))
    turn = decided
    return decided.then(done => perform(item, done))
  }

  function take(item: Item): Taken | undefined {
    counts.received()
    try {
      const event = parseKubeEvent(world.api, item.object)
      const dropped = droppedBy(world.watched, event) ?? staleness(item, event)
      if (dropped) counts.dropped(dropped)
      // Its count is where those of its later versions start, told of or not.
      if (dropped && dropped !== 'before_start') return undefined
      const tell = dropped === undefined
      return { event, tell, around: (tell && world.context?.of(event)) || {} }
    } catch (error) {
      unreadable(item, error)
      return undefined
    }
  }

  async function decide(taken: Taken, item: Item): Promise<Decided> {
    try {
      return await decideOn(taken, item)
    } catch (error) {
      unreadable(item, error)
      return {}
    }
  }

  function unreadable({ object }: Item, error: unknown): void {
    log.error({ event: nameOf(object), err: messageOf(error) }, 'An event of the API server cannot be told')
    counts.dropped('unreadable')
  }

  async function decideOn({ event, tell, around: found }: Taken, item: Item): Promise<Decided> {
    const { uid, resourceVersion } = event.metadata
    const version = { uid, version: resourceVersion, count: countOf(event) }
    const operation = operationOf(item, event)
    const deleted = operation === 'DELETED'
    const otherwise = countBefore(item, event)
    const occurrences = deleted ? 0 : await surely(() => world.occurrences.of({ ...version, otherwise }))
    if (!tell) return { version }
    const { apiVersion, kind } = event.regarding ?? {}
    const plural = await world.plurals.of(apiVersion || 'v1', kind || 'Event')
    const around = await found
    const message = kubeMessage(about, event, { operation, occurrences, plural, now: world.wall(), around })
    const problem = subjectProblem(message.subject)
    if (problem) throw new RangeError(`Cannot publish on "${message.subject.slice(0, 200)}": ${problem}`)
    return { ...(!deleted && { version }), told: { event, message, occurrences } }
  }

  /** Until the bus has the event and its count, so that the checkpoint stays behind both. */
  async function perform(item: Item, { told, version }: Decided): Promise<void> {
    if (told) {
      const ack = await publishSurely(told.message)
      if (ack) count(item, told, ack)
      else counts.dropped('refused')
    }
    if (version) await surely(() => world.occurrences.remember(version))
  }

  function count(item: Item, { event, occurrences }: NonNullable<Decided['told']>, ack: PubAck): void {
    if (ack.duplicate) counts.duplicate()
    else counts.published()
    counts.happened(event, occurrences)
    if (item.kind === 'seen' && item.operation !== 'DELETED') {
      counts.lag(world.wall() - Date.parse(lastHappened(event) ?? ''))
    }
  }

  /** However long the bus is away; one that it refuses is said and let go. */
  async function publishSurely(message: Message): Promise<PubAck | undefined> {
    return surely(() =>
      world.publish(message).catch(error => {
        if (error instanceof PublishError && error.kind !== 'refused') throw error
        log.error({ subject: message.subject, err: messageOf(error) }, 'The bus refuses an event')
        return undefined
      }),
    )
  }

  async function surely<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        log.debug({ err: messageOf(error) }, 'The bus is away, trying again')
        await world.sleep(500)
      }
    }
  }

  function staleness(item: Item, event: KubeEvent): string | undefined {
    const happened = Date.parse(lastHappened(event) ?? '')
    if (item.kind === 'listed') return item.first && happened < item.since ? 'before_start' : undefined
    return item.operation === 'DELETED' && world.wall() - happened > recent ? 'old_deletion' : undefined
  }
}

/** As far as it has one: what it is could not be read. */
function nameOf(object: unknown) {
  if (!isObject(object) || !isObject(object.metadata)) return undefined
  const { namespace, name } = object.metadata
  return { namespace, name }
}

function operationOf(item: Item, event: KubeEvent): Operation {
  if (item.kind === 'seen') return item.operation
  return isNewSince(item.since, event) ? 'ADDED' : 'MODIFIED'
}

/** How often it had happened before this version, where no count is remembered: those above one are. */
function countBefore(item: Item, event: KubeEvent): number {
  if (operationOf(item, event) === 'ADDED') return 0
  // Before the very first start nobody looked: all that is known is that it has happened once more.
  return item.kind === 'listed' && item.first ? countOf(event) - 1 : 1
}

// Kubernetes writes whole seconds: of an object made in the very second one occurrence too many may be told as new.
const isNewSince = (since: number, { metadata }: KubeEvent): boolean =>
  !(Date.parse(metadata.creationTimestamp ?? '') < Math.floor(since / 1000) * 1000)
