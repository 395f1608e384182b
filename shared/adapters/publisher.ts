import { createInbox, headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import type { Nats } from './nats.ts'

/** JetStream holds the message now. `duplicate`: it held one with this id already, and kept that. */
export type PubAck = { stream: string; seq: number; duplicate: boolean }

/** A message for JetStream. `id` is its Nats-Msg-Id: publishing it again within the stream's window is once. */
export type Message = {
  subject: string
  payload: string | Uint8Array
  id: string
  headers?: Record<string, string>
}

/**
 * Why JetStream did not take a message. `refused`: not this one, ever. `full`: not now, the stream is at its limit.
 * `unavailable`: nobody answered in time; the message may have been taken, so try again with the same id.
 */
export class PublishError extends Error {
  readonly kind: 'refused' | 'full' | 'unavailable'
  constructor(kind: PublishError['kind'], message: string) {
    super(message)
    this.name = 'PublishError'
    this.kind = kind
  }
}

export type Publisher = {
  /** Resolves with the PubAck. @throws PublishError */
  publish(message: Message): Promise<PubAck>
  /** The largest payload that the server takes, in bytes, headers included. */
  maxPayload(): number
}

type Waiting = {
  message: Message
  expires: number
  sentAt: number
  tries: number
  resolve(ack: PubAck): void
  reject(error: PublishError): void
}

/** How many publishes wait for their acks at once, and how many more may queue. */
const window = 256
const mostQueued = 20_000

/** How long each try waits for its ack, and how long a publish tries in all, in milliseconds. */
export type Patience = { tryFor: number; giveUpAfter: number }

/**
 * Publishes to JetStream, many at once over one reply inbox, each resent with the same id until it is acknowledged:
 * the client library's own publish costs ten times as much CPU, and stops after one try.
 */
export function publisherOver(
  nats: Nats,
  { tryFor, giveUpAfter }: Patience = { tryFor: 1_000, giveUpAfter: 5_000 },
  now: () => number = () => performance.now(),
): Publisher {
  const flying = new Map<string, Waiting>()
  let queue: Waiting[] = []
  let inbox = ''
  let wired: NatsConnection | undefined
  let count = 0
  let sweep: NodeJS.Timeout | undefined
  // All that one turn of the event loop publishes goes out in one write, which costs as much as all the rest of it.
  let due = false

  function wire(nc: NatsConnection) {
    if (wired === nc) return
    wired = nc
    inbox = `${createInbox(nats.inboxPrefix)}.`
    nc.subscribe(`${inbox}*`, { callback: (error, msg) => (error ? undefined : settle(msg)) })
  }

  function settle(msg: Msg) {
    const key = msg.subject.slice(inbox.length)
    const waiting = flying.get(key)
    if (!waiting) return
    const answer = readAnswer(msg)
    // No stream listens yet or any more: it may come back before the time is up, and the sweep tries again.
    if (answer === 'nobody') return
    // Somebody else's with this id is on its way to the other copies of the stream: the sweep asks what became of it.
    if (answer === 'in process') return void waiting.tries--
    flying.delete(key)
    if (answer instanceof PublishError) waiting.reject(answer)
    // A repeat of our own is no duplicate of the caller's: the try before it has been stored.
    else waiting.resolve({ ...answer, duplicate: answer.duplicate && waiting.tries === 1 })
    fill()
  }

  /** Under one key for all its tries, so that the ack of an earlier one counts too. */
  function send(waiting: Waiting, key = String(count++)) {
    const nc = nats.up()
    waiting.sentAt = now()
    flying.set(key, waiting)
    // What a connection on its way down throws would look like a fault of the message.
    if (!nc || nc.isDraining() || nc.isClosed()) return
    wire(nc)
    waiting.tries++
    try {
      const head = headers()
      for (const name in waiting.message.headers) head.set(name, waiting.message.headers[name] ?? '')
      head.set('Nats-Msg-Id', waiting.message.id)
      nc.publish(waiting.message.subject, waiting.message.payload, { reply: inbox + key, headers: head })
    } catch (error) {
      // The client refuses what the server would cut the connection for: the size, the subject, a header.
      flying.delete(key)
      waiting.reject(
        new PublishError('refused', `Cannot publish on "${waiting.message.subject}": ${String(error)}`),
      )
    }
  }

  const tooLate = ({ message }: Waiting) =>
    new PublishError(
      'unavailable',
      `JetStream did not acknowledge "${message.subject}" within ${giveUpAfter / 1000} s`,
    )

  function fill() {
    let taken = 0
    while (flying.size < window && taken < queue.length) {
      const next = queue[taken++]
      if (next) send(next)
    }
    if (taken > 0) queue = queue.slice(taken)
  }

  function sendAll() {
    due = false
    fill()
  }

  function tend() {
    const time = now()
    for (const [key, waiting] of flying) {
      if (time < waiting.expires && time - waiting.sentAt < tryFor) continue
      if (time < waiting.expires) send(waiting, key)
      else {
        flying.delete(key)
        waiting.reject(tooLate(waiting))
      }
    }
    const late = queue.filter(waiting => time >= waiting.expires)
    if (late.length > 0) queue = queue.filter(waiting => time < waiting.expires)
    for (const waiting of late) waiting.reject(tooLate(waiting))
    fill()
    if (flying.size === 0 && queue.length === 0) {
      clearInterval(sweep)
      sweep = undefined
    }
  }

  // What was published before the first connection goes out with it: a process that has just started is asked at once.
  nats.opened.then(
    () => {
      for (const [key, waiting] of flying) if (waiting.tries === 0) send(waiting, key)
    },
    // openNats has said why.
    () => {},
  )

  return {
    maxPayload: () => nats.up()?.info?.max_payload ?? 1_048_576,
    publish(message) {
      if (queue.length >= mostQueued) {
        return Promise.reject(
          new PublishError('unavailable', `${mostQueued} messages already wait for JetStream`),
        )
      }
      return new Promise((resolve, reject) => {
        const waiting: Waiting = {
          message,
          expires: now() + giveUpAfter,
          sentAt: 0,
          tries: 0,
          resolve,
          reject,
        }
        queue.push(waiting)
        if (!due) setImmediate(sendAll)
        due = true
        sweep ??= setInterval(tend, tryFor / 4)
      })
    },
  }
}

// Stream full (10077 by bytes, messages or age of its limits), the account's storage used up (10047, 10023).
const fullCodes = new Set([10023, 10047, 10077])

// Only streams of several copies say so, and the first one may still fail.
const inProcess = 10158

function readAnswer(msg: Msg): PubAck | PublishError | 'nobody' | 'in process' {
  if (msg.headers?.code === 503) return 'nobody'
  const answer: {
    stream?: string
    seq?: number
    duplicate?: boolean
    error?: { code: number; err_code?: number; description?: string }
  } = msg.json()
  if (!answer.error)
    return { stream: answer.stream ?? '', seq: answer.seq ?? 0, duplicate: answer.duplicate ?? false }
  const { code, err_code, description } = answer.error
  if (err_code === inProcess) return 'in process'
  if (err_code !== undefined && fullCodes.has(err_code))
    return new PublishError('full', `JetStream is full: ${description}`)
  return new PublishError(code >= 500 ? 'unavailable' : 'refused', `JetStream refused it: ${description}`)
}
