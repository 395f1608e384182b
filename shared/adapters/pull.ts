import {
  createInbox,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node'
import type { Nats } from './nats.ts'

/** A message of a pull consumer, leased until it is answered. Answers are fire and forget. */
export type Pulled = {
  stream: string
  subject: string
  payload: Uint8Array
  headers: MsgHdrs | undefined
  /** Its place in the stream, and when it was stored, in Unix milliseconds. */
  seq: number
  stored: number
  /** How often it was handed out, and as which of all that the consumer handed out. */
  deliveries: number
  order: number
  ack(): void
  /** Back to the server, to be delivered again after so many milliseconds. */
  nak(delay?: number): void
  /** Extends the lease. */
  working(): void
}

/** A running pull. */
export type Pull = {
  /** Asks the server for as many as there is room for now; cheap to call often. */
  more(): void
  /** Takes back what was asked for; resolves when nothing more can come. What is on its way is still taken. */
  stop(): Promise<void>
}

type Request = { left: number; heardAt: number; until: number }

const nanoseconds = 1_000_000
const mostRequests = 8

/**
 * Pulls from a durable consumer just what there is room for: what is asked for beyond that would wait here with its
 * lease running out (nats.go issue 1929). `take` gets each message, `lost` is told when the consumer does not answer,
 * and resolves once it has been looked after; `reconnected`: what the server sent just before may never have arrived.
 * `expires`: for how many milliseconds the server keeps a request, though nobody may be there any more.
 */
export function openPull(
  nats: Nats,
  from: { stream: string; consumer: string; expires?: number },
  inner: {
    room(): number
    take(message: Pulled): void
    lost(reason: string): Promise<void>
    reconnected?(): void
  },
  now: () => number = () => performance.now(),
): Pull {
  const { expires = 30_000 } = from
  const heartbeat = Math.min(5_000, expires / 2)
  const requests = new Map<string, Request>()
  const api = `$JS.API.CONSUMER.MSG.NEXT.${from.stream}.${from.consumer}`
  let wired: { nc: NatsConnection; subscription: Subscription } | undefined
  let inbox = ''
  let count = 0
  let stopped = false
  let mending = false
  let outstanding = 0
  let servedAt = Number.NEGATIVE_INFINITY

  function wire(nc: NatsConnection): void {
    inbox = `${createInbox(nats.inboxPrefix)}.`
    const callback = (error: Error | null, msg: Msg) => {
      if (error) return
      try {
        receive(msg)
      } catch (surprise) {
        // What is thrown here would close the connection for good. The message comes again after its lease.
        void mend(`Cannot take a message: ${String(surprise)}`)
      }
    }
    wired = { nc, subscription: nc.subscribe(`${inbox}*`, { callback }) }
    void follow(nc)
  }

  // A server that was restarted has forgotten the requests.
  async function follow(nc: NatsConnection): Promise<void> {
    for await (const { type } of nc.status()) {
      if (stopped) return
      if (type !== 'reconnect') continue
      requests.clear()
      outstanding = 0
      inner.reconnected?.()
      pull.more()
    }
  }

  function receive(msg: Msg): void {
    if (msg.subject.startsWith(inbox)) return readStatus(msg.subject.slice(inbox.length), msg.headers)
    const [oldest] = requests
    if (oldest) {
      const [key, request] = oldest
      request.left--
      outstanding--
      if (request.left <= 0) end(key)
    }
    // Which of the requests it answers is not to be seen, and one that is served gets no heartbeat: it counts for all.
    servedAt = now()
    inner.take(pulledOf(msg))
  }

  function readStatus(key: string, head: MsgHdrs | undefined): void {
    const request = requests.get(key)
    if (head?.code === 100) {
      if (request) request.heardAt = now()
      return
    }
    end(key)
    const description = head?.description ?? ''
    if (head?.code === 503 || /deleted|not found/i.test(description))
      void mend(`${head?.code} ${description}`)
    // Expired: ask again. Whatever else it is would be said again at once, so that waits for the next sweep.
    else if (head?.code === 408) pull.more()
  }

  async function mend(reason: string): Promise<void> {
    if (mending || stopped) return
    mending = true
    try {
      await inner.lost(reason.trim())
    } finally {
      mending = false
      pull.more()
    }
  }

  function end(key: string): void {
    outstanding -= requests.get(key)?.left ?? 0
    requests.delete(key)
  }

  // A request that the server has lost is noticed by its missing heartbeats.
  const sweep = setInterval(() => {
    const time = now()
    for (const [key, request] of requests) {
      const heardAt = Math.max(request.heardAt, servedAt)
      if (time > request.until + heartbeat || time > heardAt + 2 * heartbeat + 1000) end(key)
    }
    pull.more()
  }, 1000)

  const pull: Pull = {
    more() {
      const nc = nats.up()
      if (stopped || mending || !nc || requests.size >= mostRequests) return
      if (nc !== wired?.nc) wire(nc)
      const room = inner.room()
      const batch = room - outstanding
      // A trickle of small requests would cost more than it brings: wait until a fair part of the room is free.
      if (batch <= 0 || (outstanding > 0 && batch < room / 4)) return
      const key = String(count++)
      requests.set(key, { left: batch, heardAt: now(), until: now() + expires })
      outstanding += batch
      const ask = { batch, expires: expires * nanoseconds, idle_heartbeat: heartbeat * nanoseconds }
      nc.publish(api, JSON.stringify(ask), { reply: inbox + key })
    },
    async stop() {
      stopped = true
      clearInterval(sweep)
      // Without an interest in their answers the server drops the requests; the flush brings what it had sent before.
      const flushed = wired?.subscription.drain().catch(() => {})
      await Promise.race([flushed, new Promise(resolve => setTimeout(resolve, longestFlush).unref())])
    },
  }
  return pull
}

/** A server that is away answers no flush. */
const longestFlush = 1_000

const ackText = { ack: Buffer.from('+ACK'), working: Buffer.from('+WPI'), nak: Buffer.from('-NAK') }

function pulledOf(msg: Msg): Pulled {
  const place = placeOf(msg.reply ?? '')
  const respond = (text: string | Buffer) => {
    try {
      msg.respond(text)
    } catch {
      // The connection is closed: the lease runs out, and the message comes again.
    }
  }
  return {
    ...place,
    subject: msg.subject,
    payload: msg.data,
    // Decoding them costs as much as all else here, and not everybody asks.
    get headers() {
      return headersOf(msg)
    },
    ack: () => respond(ackText.ack),
    working: () => respond(ackText.working),
    nak: delay =>
      respond(delay ? `-NAK ${JSON.stringify({ delay: Math.round(delay * nanoseconds) })}` : ackText.nak),
  }
}

// The client does not read what no client sends, such as a lone line feed in a value.
function headersOf(msg: Msg): MsgHdrs | undefined {
  try {
    return msg.headers
  } catch {
    return undefined
  }
}

// $JS.ACK.stream.consumer.deliveries.seq.consumerSeq.nanoseconds.pending, or with domain and account hash before the
// stream and a random token behind (nats-server ADR-15).
function placeOf(reply: string): Pick<Pulled, 'stream' | 'seq' | 'stored' | 'deliveries' | 'order'> {
  const tokens = reply.split('.')
  const at = tokens.length > 9 ? 4 : 2
  return {
    stream: tokens[at] ?? '',
    deliveries: Number(tokens[at + 2]),
    seq: Number(tokens[at + 3]),
    order: Number(tokens[at + 4]),
    stored: Number(tokens[at + 5]) / nanoseconds,
  }
}
