import type { Stored } from '../../../shared/objects.ts'
import type { ReadSecret } from '../../../shared/secret.ts'

/** How a host is reached and who we are there. Secret: it stands in no message. */
export type Login = {
  /** `namespace/name` of its Host. */
  id: string
  address: string
  port: number
  username: string
  timeoutSeconds: number
  privateKey?: string
  passphrase?: string
  password?: string
}

type World = { secret: ReadSecret; readKey(path: string): string | { problem: string } }
type Keys = Pick<Login, 'privateKey' | 'passphrase' | 'password'>

/** How long a connection is tried where a Host does not say. */
const usualTimeout = 10
/** For longer nobody waits, and a timer of more than some weeks would be over at once. */
const longestTimeout = 300

// The third is how the older system spells it.
const ofSecret = ['privatekey', 'password', 'passsword', 'passphrase'] as const

/** How to reach a Host, with what its Secret, its spec or a file have; or what is missing or wrong. */
export async function loginOf(
  { metadata, spec }: Stored<'Host'>,
  world: World,
): Promise<Login | { problem: string }> {
  const keys = spec.secretRef
    ? await fromSecret(`${metadata.namespace}/${spec.secretRef}`, world.secret)
    : fromSpec(spec, world)
  if ('problem' in keys) return keys
  const { address, port, username } = spec
  const timeoutSeconds = Math.min(spec.timeoutSeconds || usualTimeout, longestTimeout)
  return { id: `${metadata.namespace}/${metadata.name}`, address, port, username, timeoutSeconds, ...keys }
}

async function fromSecret(id: string, read: ReadSecret): Promise<Keys | { problem: string }> {
  const secret = await read(id, [...ofSecret])
  if ('problem' in secret) return { problem: secret.problem }
  const [key, password, passsword, passphrase] = ofSecret.map(name => secret.values.get(name))
  if (key === undefined && password === undefined && passsword === undefined)
    return { problem: `Secret "${id}" has neither "privatekey" nor "password"` }
  return keysOf(`"privatekey" of Secret "${id}"`, { key, password: password ?? passsword, passphrase })
}

function fromSpec(spec: Stored<'Host'>['spec'], { readKey }: World): Keys | { problem: string } {
  const password = spec.password === undefined ? undefined : decoded(spec.password)
  if (spec.password !== undefined && password === undefined)
    return {
      problem: 'its spec.password is not base64: a Secret is the better place for it, by spec.secretRef',
    }
  if (spec.privateKey !== undefined) return keysOf('spec.privateKey', { key: spec.privateKey, password })
  if (spec.privateKeyPath !== undefined) {
    const read = readKey(spec.privateKeyPath)
    if (typeof read === 'object') return read
    return keysOf(`the file "${spec.privateKeyPath}"`, { key: read, password })
  }
  if (password === undefined)
    return { problem: 'it has no spec.secretRef, with privatekey or password in the Secret, to log in with' }
  return { password }
}

function keysOf(
  where: string,
  given: { key: string | undefined; password: string | undefined; passphrase?: string | undefined },
): Keys | { problem: string } {
  const privateKey = given.key === undefined ? undefined : pemOf(given.key)
  if (given.key !== undefined && privateKey === undefined)
    return { problem: `${where} is no private key: it starts with "-----BEGIN", or is that in base64` }
  return {
    ...(privateKey !== undefined && { privateKey }),
    ...(given.passphrase !== undefined && { passphrase: given.passphrase }),
    ...(given.password !== undefined && { password: given.password }),
  }
}

function pemOf(text: string): string | undefined {
  const pem = text.includes('-----BEGIN ') ? text : decoded(text)
  // OpenSSH's own form is not read without the newline at its end, which a Secret may have lost.
  return pem?.includes('-----BEGIN ') ? `${pem.trim()}\n` : undefined
}

/** What the text is in base64, without the newline that `echo` leaves; undefined where it is none. */
function decoded(text: string): string | undefined {
  const bare = text.replaceAll(/\s/g, '')
  const bytes = Buffer.from(bare, 'base64')
  if (bytes.toString('base64').replaceAll('=', '') !== bare.replaceAll('=', '')) return undefined
  return bytes.toString('utf8').replace(/\r?\n$/, '')
}
