import { passwordsIn } from '../nats/files.ts'
import type { Draw } from './make.ts'
import { type Secret, secretOf } from './secret.ts'
import { installed } from './secrets.ts'

/** The name of a leaf cluster, where its own NATS is, and where that of the main cluster takes links; `host:port`. */
export type LeafPlace = { cluster: string; namespace: string; nats: string; main: string }

/** The Secrets of a leaf cluster: its watcher's and its NATS'. Of those of the `main` one it has the link's password. */
export function leafSecrets(main: Secret[], place: LeafPlace, draw: Draw): Secret[] {
  const { leaf } = passwordsIn(secretOf(main, 'ops-nats-users').data['passwords.conf'] ?? '')
  if (!leaf)
    throw new Error('Cannot link a leaf cluster: Secret "ops-nats-users" has no password of user "leaf"')
  const { cluster, namespace, nats } = place
  const [watcher, admin] = [draw('base64url'), draw('base64url')]
  const own = {
    ...{ leaf_cluster: cluster, main_url: `tls://leaf:${leaf}@${place.main}` },
    ...{ password_watcher: watcher, password_admin: admin },
  }
  const lines = Object.entries(own).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
  return [
    { name: 'ops-nats-leaf', namespace, data: { 'leaf-own.conf': lines.join('') } },
    {
      name: installed.watcher.workload,
      namespace,
      data: { EVENT_ENDPOINT: `nats://watcher:${watcher}@${nats}` },
    },
  ]
}
