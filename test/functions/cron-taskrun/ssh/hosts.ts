import type { HostKeys, KnownKey } from '../../../../shared/adapters/host-keys.ts'
import type { Stored } from '../../../../shared/objects.ts'
import type { ReadSecret } from '../../../../shared/secret.ts'
import type { Sshd } from '../../../sshd.ts'

/** Keys of hosts that are known for as long as a test runs. */
export function knownKeys(): HostKeys & { known: Map<string, KnownKey> } {
  const known = new Map<string, KnownKey>()
  return {
    known,
    get: async id => known.get(id),
    async putFirst(id, key) {
      const first = known.get(id) ?? key
      known.set(id, first)
      return first
    },
    forget: async id => known.delete(id),
  }
}

/** A Host in namespace `ops`. */
export const hostOf = (
  name: string,
  spec: Partial<Stored<'Host'>['spec']> = {},
  more: { labels?: Record<string, string>; status?: Stored<'Host'>['status'] } = {},
): Stored<'Host'> => ({
  kind: 'Host',
  metadata: {
    name,
    namespace: 'ops',
    uid: `uid-${name}`,
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-11-21T12:00:00Z',
    labels: more.labels ?? {},
    annotations: {},
    ownerReferences: [],
  },
  spec: { address: '127.0.0.1', port: 22, username: 'root', ...spec },
  status: more.status ?? {},
})

/** A Host that is this sshd, which lets it in by the key in Secret `key`. */
export const hostAt = (sshd: Sshd, name: string, spec: Partial<Stored<'Host'>['spec']> = {}) =>
  hostOf(name, { port: sshd.port, username: sshd.username, secretRef: 'key', ...spec })

/** Secrets of namespace `ops` by name. */
export const secretsOf =
  (secrets: Record<string, Record<string, string>>): ReadSecret =>
  async id => {
    const values = secrets[id.replace('ops/', '')]
    return values
      ? { values: new Map(Object.entries(values)) }
      : { reason: 'SecretMissing', problem: `Secret "${id}" does not exist` }
  }
