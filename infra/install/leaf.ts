import { passwordsConf, passwordsIn } from '../nats/files.ts'
import { loginsOf } from './logins.ts'
import type { Draw } from './make.ts'
import { type Secret, secretOf } from './secret.ts'
import { installed } from './secrets.ts'

/** The name of a leaf cluster, where its own NATS is, and where that of the main cluster takes links; `host:port`. */
export type LeafPlace = { cluster: string; namespace: string; nats: string; main: string }

/** Who comes to a leaf cluster's own NATS. */
const logins = [...loginsOf('watcher'), 'admin', 'operator']

/** The Secrets of a leaf cluster: its watcher's and its NATS'. Of those of the `main` one it has the link's password. */
export function leafSecrets(main: Secret[], place: LeafPlace, draw: Draw): Secret[] {
  const { leaf } = passwordsIn(secretOf(main, 'ops-nats-users').data['passwords.conf'] ?? '')
  if (!leaf)
    throw new Error('Cannot link a leaf cluster: Secret "ops-nats-users" has no password of user "leaf"')
  const { cluster, namespace, nats } = place
  const passwords = Object.fromEntries(logins.map(login => [login, draw('base64url')]))
  const own = { leaf_cluster: cluster, main_url: `tls://leaf:${leaf}@${place.main}` }
  const lines = Object.entries(own).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
  const text = lines.join('') + passwordsConf(passwords)
  return [
    { name: 'ops-nats-leaf', namespace, data: { 'leaf-own.conf': text } },
    {
      name: installed.watcher.workload,
      namespace,
      data: { EVENT_ENDPOINT: `nats://watcher:${passwords.watcher}@${nats}` },
    },
  ]
}

/** Where its NATS links to, with login and password. */
export function urlOf({ data }: Secret): string {
  const [, url] = /^main_url: "(.*)"$/m.exec(data['leaf-own.conf'] ?? '') ?? []
  if (!url) throw new Error('Cannot read Secret "ops-nats-leaf": leaf-own.conf has no main_url')
  return url
}
