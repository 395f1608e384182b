import { hash } from 'node:crypto'
import type { HostKeys, KnownKey } from '../../../shared/adapters/host-keys.ts'
import type { Login } from './login.ts'

/** The fingerprint of a key as `ssh-keygen -l` shows it. */
export const fingerprint = (key: Buffer) => `SHA256:${hash('sha256', key, 'base64').replaceAll('=', '')}`

/** What a known key was of: those come first, or a host that gets one more kind of key would look like another host. */
export function preferred(known: KnownKey | undefined, all: readonly string[]): string[] {
  const kind = known && kindOf(Buffer.from(known.key, 'base64'))
  const first = (name: string) => name === kind || (kind === 'ssh-rsa' && name.startsWith('rsa-sha2-'))
  return [...all.filter(first), ...all.filter(name => !first(name))]
}

// The name of its kind stands in front, with its length in four bytes.
const kindOf = (key: Buffer) =>
  key.length < 4 ? '' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')

/** Why this key is not that of the host; undefined where it is the known one, or the first that the host ever showed. */
export async function whyNotKnown(
  { id, address, port }: Login,
  key: Buffer,
  { hostKeys, now }: { hostKeys: HostKeys; now(): Date },
): Promise<string | undefined> {
  const shown = { key: key.toString('base64'), address: `${address}:${port}`, since: now().toISOString() }
  const known = await hostKeys.putFirst(id, shown)
  if (known.key === shown.key) return undefined
  return (
    `Host "${id}" at ${shown.address} shows another key than it did: ${fingerprint(key)}, and ` +
    `${fingerprint(Buffer.from(known.key, 'base64'))} is known since ${known.since} from ${known.address}. ` +
    `Somebody else may be answering; if it was set up anew, let it be forgotten: npm run ops -- hosts forget ${id}`
  )
}
