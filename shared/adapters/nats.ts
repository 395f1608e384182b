import { setTimeout as pause } from 'node:timers/promises'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { type Log, messageOf } from '../log.ts'
import type { Identity } from './identity.ts'
import { connectionOptions } from './nats-options.ts'
import { tellWhyAway } from './nats-reason.ts'

/** A connection that heals itself: it is there from the start, and open once the server is. */
export type Nats = {
  /** Resolves when the first connection is made, however long that takes. */
  opened: Promise<NatsConnection>
  /** Where this process's replies arrive, so that its rights can be bound to it. */
  inboxPrefix: string
  /** The connection while it is up. */
  up(): NatsConnection | undefined
  /** Sends what is buffered and closes. */
  close(): Promise<void>
}

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
  let telling = false
  void tell()
  const opened = connect(options).then(made => {
    connection = made
    connected = true
    log.info({ server: made.getServer() }, 'Connected to NATS')
    void follow(made)
    // The client cannot be told to stop trying.
    if (closing) void made.close()
    return made
  })
  // The process goes on trying; who waits for `opened` waits.
  opened.catch(error => log.error({ err: error }, 'Cannot connect to NATS'))

  async function tell() {
    if (telling) return
    telling = true
    await tellWhyAway(options, { isAway: () => !connected && !closing, log })
    telling = false
  }

  async function follow(nc: NatsConnection) {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect') {
        connected = false
        void tell()
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
