import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { TLSSocket } from 'node:tls'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { keyOf, pemOf } from '../../certificates.ts'
import { sharedNats } from '../../servers.ts'
import { startDoor } from '../door.ts'
import { backOffs } from './events.ts'

/** Says yes to TLS, as PostgreSQL does, or no; and shows a certificate by nobody. */
async function databaseSaying(answer: 'S' | 'N'): Promise<string> {
  const [cert, key] = [pemOf('localhost'), readFileSync(keyOf('localhost'))]
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(answer)
      if (answer === 'S') new TLSSocket(socket, { isServer: true, cert, key }).on('error', () => {})
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => server.close())
  return `postgres://ops@localhost:${(server.address() as AddressInfo).port}/ops?sslmode=verify-full`
}

it.each([
  ['S', 'its certificate is by an authority that is not known here'],
  ['N', 'it does not speak TLS there'],
] as const)(
  'a database whose TLS is no good is away: nothing was tried with the events, and it is said why (%s)',
  async (answer, why) => {
    const url = await databaseSaying(answer)
    const store = await startDoor('event-store', { env: { EVENT_ENDPOINT: sharedNats(), DATABASE_URL: url } })
    onTestFinished(() => store.kill())
    const answered = await store.post(JSON.stringify(backOffs(2)), {
      'content-type': 'application/cloudevents-batch+json',
    })
    expect(answered.status).toBe(503)
    expect(await answered.json()).toMatchObject({ attempted: false, message: expect.stringContaining(why) })
  },
)
