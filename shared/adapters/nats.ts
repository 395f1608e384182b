import { setTimeout as pause } from 'node:timers/promises'
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node'
import { serversOf } from '../endpoint.ts'
import { type Log, messageOf } from '../log.ts'

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
 * password where needed. Never gives up, notices a dead server within 20 s, and never blocks its caller.
 * @throws RangeError when the text holds no such URL
 */
export function openNats(endpoint: string, name: string, log: Log): Nats {
  const options = connectionOptions(endpoint, name)
  let connection: NatsConnection | undefined
  let connected = false
  let closing = false
  const late = setTimeout(
    () => log.warn({ servers: options.servers }, 'NATS does not answer yet, going on trying'),
    5_000,
  ).unref()
  const opened = connect(options).then(made => {
    clearTimeout(late)
    connection = made
    connected = true
    log.info({ server: made.getServer() }, 'Connected to NATS')
    void follow(made)
    return made
  })
  // The process goes on trying; who waits for `opened` waits.
  opened.catch(error => log.error({ err: error }, 'Cannot connect to NATS'))

  async function follow(nc: NatsConnection) {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect') connected = false
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

/** What the client needs to know of an endpoint; credentials leave the URL, so that none of them is ever printed. */
export function connectionOptions(
  endpoint: string,
  name: string,
): ConnectionOptions & { inboxPrefix: string } {
  const urls = serversOf(endpoint)
  const [first] = urls
  if (!first) throw new RangeError('Cannot connect to NATS without a URL')
  return {
    servers: urls.map(url => `${url.hostname}:${url.port || '4222'}`),
    name,
    inboxPrefix: `_INBOX_${name.replaceAll(/[^\w-]/g, '_')}`,
    maxReconnectAttempts: -1,
    // A server that is restarted with its new users not there yet is no reason to give up for good.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    waitOnFirstConnect: true,
    pingInterval: 10_000,
    timeout: 5_000,
    ...(first.username && {
      user: decodeURIComponent(first.username),
      pass: decodeURIComponent(first.password),
    }),
    ...(first.protocol === 'tls:' && { tls: {} }),
  }
}
