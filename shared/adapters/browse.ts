import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream'
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node'
import { untilCaughtUp } from './caught-up.ts'
import { surelyMade } from './half-made.ts'
import { managerOf } from './jetstream.ts'
import { connectionOf, type Nats } from './nats.ts'

/** A message that lies in a stream: its place, and when it was stored, in Unix milliseconds. */
export type Stored = {
  seq: number
  stored: number
  subject: string
  headers: MsgHdrs | undefined
  payload: Uint8Array
}

/** The same without its payload, whose length is told. */
export type Cover = Omit<Stored, 'payload'> & { bytes: number }

/** Places in a stream, both ends included; `last` is below `first` where there is nothing. */
export type Places = { first: number; last: number }

/** Looks into a stream without moving anybody's place in it. Every call rejects when NATS is away. */
export type Browser = {
  /** The places of what was stored from one time to another, both included. */
  places(from: number | undefined, until: number | undefined): Promise<Places>
  /** How many messages on subjects of this pattern lie there. */
  count(pattern: string, places: Places): Promise<number>
  /** Those messages from the oldest on, or from the newest on. Only as much is read as is taken. */
  forward(pattern: string, places: Places): AsyncGenerator<Cover>
  backward(pattern: string, places: Places): AsyncGenerator<Cover>
  get(seq: number): Promise<Stored | undefined>
}

const nanoseconds = 1_000_000
/** How many are fetched at once, and over how many places a look backward begins. */
const atOnce = 250
const firstWidth = 250
const crowded = 4 * atOnce
/** A consumer that nobody took away, since we ended in between. */
const forgotten = 60_000

export function browse(nats: Nats, stream: string): Browser {
  async function forget(jsm: JetStreamManager, { name }: ConsumerInfo): Promise<void> {
    // One that cannot be taken away goes by itself.
    await jsm.consumers.delete(stream, name).catch(() => {})
  }

  async function open(start: Partial<ConsumerConfig>) {
    const nc = await connectionOf(nats)
    const jsm = await managerOf(nc)
    const info = await jsm.consumers.add(stream, { ...start, ...passing })
    return { nc, info, close: () => forget(jsm, info) }
  }

  async function infoOf(start: Partial<ConsumerConfig>): Promise<ConsumerInfo> {
    const { info, close } = await open(start)
    await close()
    return info
  }

  const from = (pattern: string, seq: number): Partial<ConsumerConfig> => ({
    filter_subject: pattern,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(seq, 1),
  })

  /** How many messages lie behind this place: what the server says of who would begin there. */
  const behind = async (pattern: string, seq: number) => (await infoOf(from(pattern, seq + 1))).num_pending

  async function before(time: number): Promise<number> {
    const opt_start_time = new Date(time).toISOString()
    const { delivered } = await infoOf({ deliver_policy: DeliverPolicy.StartTime, opt_start_time })
    return delivered.stream_seq
  }

  async function* forward(pattern: string, { first, last }: Places): AsyncGenerator<Cover> {
    if (last < first) return
    const { nc, info, close } = await open(from(pattern, first))
    try {
      for await (const cover of covers(nc, info)) {
        if (cover.seq > last) return
        yield cover
      }
    } finally {
      await close()
    }
  }

  // No server reads a stream backward: windows of it are, each narrow enough to be held, wide enough to be few.
  async function* backward(pattern: string, { first, last }: Places): AsyncGenerator<Cover> {
    let end = last
    let width = firstWidth
    let after = end < first ? 0 : await behind(pattern, end)
    while (end >= first) {
      const start = Math.max(first, end - width + 1)
      const { nc, info, close } = await open(from(pattern, start))
      const within: Cover[] = []
      const many = info.num_pending - after
      const isTooMany = many > crowded && end > start
      try {
        if (many > 0 && !isTooMany)
          for await (const cover of covers(nc, info)) {
            if (cover.seq > end) break
            within.push(cover)
          }
      } finally {
        await close()
      }
      if (isTooMany) {
        width = Math.max(1, Math.floor((width * atOnce) / many))
        continue
      }
      yield* within.reverse()
      end = start - 1
      after = info.num_pending
      if (many < atOnce / 2) width *= 4
    }
  }

  return {
    async places(since, until) {
      const jsm = await managerOf(await connectionOf(nats))
      const { state } = await jsm.streams.info(stream)
      const [first, last] = await Promise.all([
        since === undefined ? state.first_seq : before(since).then(seq => seq + 1),
        until === undefined ? state.last_seq : before(until + 1),
      ])
      return { first: Math.max(first, state.first_seq), last: Math.min(last, state.last_seq) }
    },
    async count(pattern, { first, last }) {
      if (last < first) return 0
      const [all, after] = await Promise.all([behind(pattern, first - 1), behind(pattern, last)])
      return Math.max(all - after, 0)
    },
    forward,
    backward,
    async get(seq) {
      const nc = await connectionOf(nats)
      const jsm = await managerOf(nc)
      await surelyMade(nc, jsm, stream)
      const found = await jsm.streams.getMessage(stream, { seq })
      if (!found) return undefined
      const { subject, data: payload, time } = found
      return { seq, stored: time.getTime(), subject, headers: readable(() => found.header), payload }
    },
  }
}

const passing: Partial<ConsumerConfig> = {
  ack_policy: AckPolicy.None,
  headers_only: true,
  mem_storage: true,
  inactive_threshold: forgotten * nanoseconds,
}

async function* covers(nc: NatsConnection, info: ConsumerInfo): AsyncGenerator<Cover> {
  for await (const message of untilCaughtUp(nc, info, atOnce)) yield coverOf(message)
}

function coverOf(message: JsMsg): Cover {
  const headers = readable(() => message.headers)
  const { seq, subject, info } = message
  return {
    ...{ seq, subject, headers },
    stored: Math.floor(info.timestampNanos / nanoseconds),
    bytes: Number(headers?.get('Nats-Msg-Size') ?? 0),
  }
}

// The client does not read what no client sends, such as a lone line feed in a value.
function readable(headers: () => MsgHdrs | undefined): MsgHdrs | undefined {
  try {
    return headers()
  } catch {
    return undefined
  }
}
