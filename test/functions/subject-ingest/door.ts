import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { afterAll } from 'vitest'
import { type Child, startChild } from '../../../infra/local/child.ts'
import { until } from '../../../infra/local/until.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { quiet } from '../../quiet.ts'
import { type Answered, type Call, call } from './call.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const own = ['functions/subject-ingest/index.ts']
const framework = [
  'node_modules/@google-cloud/functions-framework/build/src/main.js',
  '--source=functions/subject-ingest/index.ts',
  '--target=subject-ingest',
]

/** The token that everything is allowed to. */
export const serverToken = 'for-the-tests-only'
export const bearer = { authorization: `Bearer ${serverToken}` }

/** A process of subject-ingest. `post` sends JSON to `…/namespaces/ops-system/events/{event}`, unless `how` differs. */
export type Door = {
  url: string
  child: Child
  post(event: string, body: unknown, how?: Partial<Call>): Promise<Answered>
}

/**
 * Starts subject-ingest from its door, by itself or under functions-framework; it ends after the last test, or what
 * `whenDone` says: `onTestFinished` in a test.
 */
export async function openDoor(
  nats: { url: string },
  {
    env = {},
    under = 'node',
    whenDone = afterAll,
  }: {
    env?: NodeJS.ProcessEnv
    under?: 'node' | 'framework'
    whenDone?: (end: () => Promise<void>) => void
  } = {},
): Promise<Door> {
  const port = await freePort()
  const child = await startChild(process.execPath, under === 'node' ? own : framework, {
    cwd: root,
    env: {
      EVENT_CLUSTER: 'mycluster',
      EVENT_ENDPOINT: nats.url,
      SERVER_TOKEN: serverToken,
      PORT: String(port),
      ...env,
    },
  })
  whenDone(() => child.stop())
  const url = `http://127.0.0.1:${port}`
  await until('the door to listen', child, async () => {
    const answered = await fetch(`${url}/healthz`).catch(() => undefined)
    return answered?.ok
  })
  return {
    url,
    child,
    post: (event, body, how) =>
      call(url, {
        path: `/api/v1/namespaces/ops-system/events/${event}`,
        headers: { ...bearer, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ...how,
      }),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

/** Waits until the door says that it is connected. */
export const ready = (door: Door) =>
  until('the door to be ready', door.child, async () => (await fetch(`${door.url}/readyz`)).ok || undefined)

/** A connection for looking into the streams, which are made where they are missing. */
export async function look(nats: { url: string }): Promise<Bus> {
  const nc = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  await ensureStreams(nc, 1, quiet)
  return { stored: () => stored(nc), close: () => nc.close() }
}

export type Bus = { stored(): Promise<Stored[]>; close(): Promise<void> }

/** A message of the stream `ops`. */
export type Stored = { subject: string; text: string; event: { id: string } & Record<string, unknown> }

async function stored(nc: NatsConnection): Promise<Stored[]> {
  const { state } = await (await jetstreamManager(nc)).streams.info('ops')
  const found: Stored[] = []
  if (state.messages === 0) return found
  const consumer = await jetstream(nc).consumers.get('ops')
  for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 5_000 })) {
    found.push({ subject: message.subject, text: message.string(), event: message.json() })
    if (found.length === state.messages) break
  }
  return found
}
