import type { Client } from 'ssh2'
import type { HostKeys } from '../../../shared/adapters/host-keys.ts'
import { messageOf } from '../../../shared/log.ts'
import { preferred, whyNotKnown } from './host-key.ts'
import type { Login } from './login.ts'

/** A host that let us in. `lost` resolves, with why, when the connection has ended. */
export type Connection = { client: Client; lost: Promise<string>; close(): void }

// Noticed as dead after four times this.
const keepalive = { keepaliveInterval: 7_000, keepaliveCountMax: 3 }

// In the order in which ssh2 prefers them, without the one that signs by SHA-1.
const kinds = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const

type World = { hostKeys: HostKeys; now(): Date }

/** Connects to a host and logs in, or tells why not. The signal ends the attempt. */
export async function connect(
  login: Login,
  world: World,
  signal: AbortSignal,
): Promise<Connection | { problem: string }> {
  if (signal.aborted) return { problem: 'it was ended before' }
  const known = await world.hostKeys.get(login.id)
  // Only here: whoever has no Hosts does not wait for it.
  const { Client } = (await import('ssh2')).default
  const client = new Client()
  const refused: { why?: string } = {}
  return new Promise(resolve => {
    const fail = (why: string) => {
      settle()
      client.destroy()
      resolve({ problem: refused.why ?? why })
    }
    const late = setTimeout(
      () => fail(`${where(login)} did not let us in within ${login.timeoutSeconds} s`),
      login.timeoutSeconds * 1000,
    )
    const ended = () => fail('it was ended while it was being connected to')
    let settled = false
    const settle = () => {
      settled = true
      clearTimeout(late)
      signal.removeEventListener('abort', ended)
    }
    signal.addEventListener('abort', ended)
    client.on('error', error => fail(whyNot(login, error)))
    client.on('close', () => fail(`${where(login)} closed the connection`))
    client.on('ready', () => {
      settle()
      resolve({ client, lost: lossOf(client), close: () => client.destroy() })
    })
    try {
      client.connect({
        ...credentials(login),
        ...keepalive,
        // Its own would be told without saying for how long it was.
        readyTimeout: 0,
        algorithms: { serverHostKey: preferred(known, kinds) as (typeof kinds)[number][] },
        hostVerifier: (key: Buffer, verify: (good: boolean) => void) =>
          void whyNotKnown(login, key, world)
            .catch(error => `the known key of Host "${login.id}" cannot be had: ${messageOf(error)}`)
            .then(why => {
              if (why) refused.why = why
              // It would answer a client that was given up.
              if (!settled) verify(why === undefined)
            }),
      })
    } catch (error) {
      // It throws at what it cannot read of the key, and at nothing else that a Host can have.
      fail(`the private key of Host "${login.id}" cannot be used: ${messageOf(error)}`)
    }
  })
}

const where = ({ address, port }: Login) => `${address}:${port}`

function credentials({ address, port, username, privateKey, passphrase, password }: Login) {
  return {
    host: address,
    port,
    username,
    ...(privateKey !== undefined && { privateKey }),
    ...(passphrase !== undefined && { passphrase }),
    ...(password !== undefined && { password }),
    // Nothing else, whatever the server offers: it asks us no questions, and gets no agent.
    authHandler: [
      ...(privateKey === undefined ? [] : (['publickey'] as const)),
      ...(password === undefined ? [] : (['password'] as const)),
    ],
    agentForward: false,
    tryKeyboard: false,
  }
}

function whyNot(login: Login, error: Error & { level?: string }): string {
  if (error.level === 'client-authentication') {
    const tried = [login.privateKey && 'key', login.password && 'password'].filter(Boolean).join(' nor ')
    return `${where(login)} does not let "${login.username}" in: it takes ${tried.includes(' nor ') ? 'neither ' : 'not the '}${tried}`
  }
  return `${where(login)} cannot be reached: ${messageOf(error)}`
}

function lossOf(client: Client): Promise<string> {
  return new Promise(resolve => {
    client.removeAllListeners('error').removeAllListeners('close')
    // The error comes first and tells more.
    client.on('error', error => resolve(messageOf(error)))
    client.on('close', () => resolve('it was closed'))
  })
}
