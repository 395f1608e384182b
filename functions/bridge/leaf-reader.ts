import { setTimeout as pause } from 'node:timers/promises'
import { type ConsumerMessages, DeliverPolicy, jetstream } from '@nats-io/jetstream'
import { z } from 'zod'
import { managerOf, unasked } from '../../shared/adapters/jetstream.ts'
import type { Bucket } from '../../shared/adapters/kv.ts'
import { connectionNow, type Nats } from '../../shared/adapters/nats.ts'
import { jsonAs } from '../../shared/json.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { type LeafGap, leafPlaces, placeOf, type Seen } from './leaf-places.ts'

export type LeafReaderWorld = {
  nats: Nats
  /** Where it is remembered how far all is seen. */
  memory: Bucket
  /** Tells a gap, found before an event on this subject. */
  tell(gap: LeafGap, subject: string): Promise<void>
  log: Log
}

const key = 'leaves'
const Stored = z.object({ upTo: z.number(), places: z.record(z.string(), z.number()) })
/** In milliseconds: what came within is seen once more after a restart. */
const rememberEvery = 1_000

/**
 * Goes through the headers of `ops`, where each message that was taken over says its place in the stream that it comes
 * from, and tells what is missing; one replica does. What is told is remembered after it.
 */
export function readLeaves({ nats, memory, tell, log }: LeafReaderWorld): { stop(): void } {
  let stopped = false
  let messages: ConsumerMessages | undefined
  let failing = ''

  async function recall(): Promise<Seen | undefined> {
    const { value } = await memory.get(key)
    const stored = value === undefined ? undefined : jsonAs(Stored, value)
    const { state } = await (await managerOf(connectionNow(nats))).streams.info('ops')
    // A stream that was made anew begins with its first message.
    return stored && stored.upTo <= state.last_seq ? stored : undefined
  }

  async function open(from: number): Promise<ConsumerMessages> {
    // Under a name that is drawn: that of the replica before lies there for five minutes more.
    const consumer = await jetstream(connectionNow(nats), unasked).consumers.get('ops', {
      headers_only: true,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
    })
    return consumer.consume({ max_messages: 500 })
  }

  async function read(): Promise<void> {
    const places = leafPlaces(await recall())
    const remember = () => memory.put(key, JSON.stringify(places.seen()))
    let rememberedAt = performance.now()
    messages = await open(places.seen().upTo + 1)
    if (stopped) return
    for await (const { seq, subject, headers } of messages) {
      if (stopped) return
      const gap = places.saw(seq, placeOf(headers?.get('Nats-Stream-Source') ?? ''))
      if (gap) await tell(gap, subject)
      if (!gap && performance.now() - rememberedAt < rememberEvery) continue
      await remember()
      failing = ''
      rememberedAt = performance.now()
    }
  }

  async function goOn(): Promise<void> {
    while (!stopped) {
      try {
        await read()
      } catch (error) {
        const why = messageOf(error)
        if (why !== failing) log.warn({ err: why }, 'Cannot look for what leaf clusters lost, trying again')
        failing = why
      }
      messages?.stop()
      await pause(1_000, undefined, { ref: false })
    }
  }
  void goOn()
  return {
    stop() {
      stopped = true
      messages?.stop()
    },
  }
}
