import type { HostKeys } from '../../../shared/adapters/host-keys.ts'
import type { Stored } from '../../../shared/objects.ts'
import type { ReadSecret } from '../../../shared/secret.ts'
import { type Connection, connect } from './connect.ts'
import { readKeyFile } from './key-file.ts'
import { loginOf } from './login.ts'

/** Connects to a Host as it says, or tells why that cannot be. @throws Error while what holds its keys is away */
export async function connectTo(
  host: Stored<'Host'> | undefined,
  world: { secret: ReadSecret; hostKeys: HostKeys; now(): Date },
  signal: AbortSignal,
): Promise<Connection | { problem: string }> {
  if (!host) return { problem: 'this Host is gone' }
  const login = await loginOf(host, { secret: world.secret, readKey: readKeyFile })
  return 'problem' in login ? login : connect(login, world, signal)
}
