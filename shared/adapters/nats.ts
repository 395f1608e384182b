import { setTimeout as pause } from 'node:timers/promises'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { Identity } from '../config.ts'
import { type Log, messageOf } from '../log.ts'
import { connectionOptions } from './nats-options.ts'
import { whyAway } from './nats-reason.ts'

/** A connection that heals itself: it is there from the start, and open once the server is. */
export type Nats = {
  /** Resolves when the first connection is made, however long that takes. */
  opened: Promise<NatsConnection>
  /** Where this process's replies arrive, so that its rights can be bound to it. */
  inboxPrefix: string
  /** The connection while it is up. */
  up(): NatsConnection | undefined
  /** Why it has not been up for some seconds, as far as it is known. */
  why(): string | undefined
  /** Sends what is buffered and closes. */
  close(): Promise<void>
}

/** So long a server may be away before it is asked why, in milliseconds; and then again and again. */
const patience = 5_000

/**
 * Connects to `EVENT_ENDPOINT`: one or more URLs separated by commas, `nats://`, `tls://` or `http://`, with user and
 * password where needed; `identity` names files of what else there is to show. Never gives up, notices a dead server
 * within 20 s, and never blocks its caller.
 * @throws RangeError when the text holds no such URL
 */
export function openNats(endpoint: string, name: string, log: Log, identity: Identity = {}): Nats {
  const options = connectionOptions(endpoint, name, identity)
  let connection: NatsConnection | undefined
  let connected = false
  let closing = false
  let reason: string | undefined
  let asking = false
  void explain()
  const opened = connect(options).then(made => {
    connection = made
    connected = true
    log.info({ server: made.getServer() }, 'Connected to NATS')
    void follow(made)
    return made
  })
  // The process goes on trying; who waits for `opened` waits.
  opened.catch(error => log.error({ err: error }, 'Cannot connect to NATS'))

  async function explain() {
    if (asking) return
    asking = true
    await pause(patience, undefined, { ref: false })
    while (!connected && !closing) {
      const now = await whyAway(options)
      if (now && now !== reason && !connected) log.warn({ err: now }, 'NATS is away, going on trying')
      reason = now
      await pause(patience, undefined, { ref: false })
    }
    reason = undefined
    asking = false
  }

  async function follow(nc: NatsConnection) {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect') {
        connected = false
        void explain()
      }
      if (status.type === 'reconnect') connected = true
      // Above all that it may not do what it tried: whoever tried is told nothing, and waits.
      if (status.type === 'error') log.error({ err: messageOf(status.error) }, 'NATS refuses')
      else if (['disconnect', 'reconnect', 'ldm'].includes(status.type)) {
        log.warn({ status: status.type }, 'NATS connection changed')
      }
    }
    connected = false
    if (!closing) log.error({}, 'NATS connection closed')
  }

  return {
    opened,
    inboxPrefix: options.inboxPrefix,
    up: () => (connected ? connection : undefined),
    why: () => (connected ? undefined : reason),
    async close() {
      closing = true
      if (!connection || connection.isClosed()) return
      // Draining waits for a server that may be away, or fails since it is: then there is nothing to wait for.
      const drained = connection.drain().catch(() => {})
      await Promise.race([drained, new Promise(resolve => setTimeout(resolve, 2000).unref())])
      if (!connection.isClosed()) await connection.close()
    },
  }
}

/** A process that has just started gets its first connection in a moment, and its first request with it. */
const firstConnection = 2_000

/** The connection as it is. @throws Error when NATS is away */
export function connectionNow(nats: Pick<Nats, 'up'>): NatsConnection {
  const nc = nats.up()
  if (!nc) throw new Error('NATS is away')
  return nc
}

/** The connection, waited for a moment where the process has just started. @throws Error when NATS is away */
export async function connectionOf(nats: Nats): Promise<NatsConnection> {
  if (!nats.up()) await Promise.race([nats.opened, pause(firstConnection, undefined, { ref: false })])
  return connectionNow(nats)
}
