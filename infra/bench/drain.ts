import { setTimeout as pause } from 'node:timers/promises'
import { mediaTypes } from '../../shared/cloudevents-http.ts'
import type { Child } from '../local/child.ts'
import { meter } from './cpu.ts'
import type { Load } from './load.ts'
import type { Sample } from './rounds.ts'
import type { Stand } from './stand.ts'

const headers = { 'content-type': mediaTypes.structured }

/** Publishes events as the product does, and waits until JetStream holds each. */
export async function preload(stand: Stand, events: Load[]): Promise<void> {
  // Fewer at once than the publisher lets wait.
  for (let at = 0; at < events.length; at += 10_000) {
    await Promise.all(events.slice(at, at + 10_000).map(event => publish(stand, event)))
  }
}

/** Publishes one; resolves with the PubAck. */
export const publish = (stand: Stand, { id, subject, payload }: Load) =>
  stand.publisher.publish({ id, subject, payload, headers })

/**
 * How long the stand takes for events that are there already: `readers`, who would begin at once, stand still while
 * they are published. `done` resolves when all has arrived; then the consumers have to come to rest too.
 */
export async function drain(
  stand: Stand,
  { events, readers, done }: { events: Load[]; readers: Child[]; done(): Promise<void> },
): Promise<Sample> {
  for (const child of readers) await child.kill('SIGSTOP')
  await preload(stand, events)
  const stop = meter(stand.pids())
  for (const child of readers) await child.kill('SIGCONT')
  await done()
  const used = stop()
  return { events: events.length, ...used }
}

/** Resolves when everything in these streams is acknowledged by all of their consumers. */
export async function atRest(stand: Stand, streams: string[], every = 10): Promise<void> {
  for (const stream of streams) {
    while ((await unfinished(stand, stream)) > 0) await pause(every)
  }
}

async function unfinished(stand: Stand, stream: string): Promise<number> {
  let sum = 0
  for await (const { num_pending, num_ack_pending } of stand.jsm.consumers.list(stream)) {
    sum += num_pending + num_ack_pending
  }
  return sum
}

/** Empties streams between two rounds. */
export async function empty(stand: Stand, streams: string[]): Promise<void> {
  for (const stream of streams) await stand.jsm.streams.purge(stream)
}
