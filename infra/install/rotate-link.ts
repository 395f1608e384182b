import { passwordsIn, withPasswords } from '../nats/files.ts'
import { urlOf } from './leaf.ts'
import { otherLogin } from './logins.ts'
import type { Draw } from './make.ts'
import type { Step } from './rotate.ts'
import { movedUrl } from './rotate-logins.ts'
import { type Secret, secretOf } from './secret.ts'

// The main cluster's NATS has two logins for the link, and each leaf cluster's holds one of them: which one shows there.

const leavesIn = (secrets: Secret[]): Secret[] => secrets.filter(({ name }) => name === 'ops-nats-leaf')
const usersOf = (secrets: Secret[]) => secretOf(secrets, 'ops-nats-users')

/** A leaf cluster moves to the other login of the link, which the main one knows. */
export function movedLink(secrets: Secret[]): Step {
  const [leaf, ...more] = leavesIn(secrets)
  if (!leaf || more.length > 0)
    throw new Error('Cannot move a link: give the Secrets of the main cluster and of one leaf cluster')
  const text = leaf.data['leaf-own.conf'] ?? ''
  const url = movedUrl(urlOf(leaf), passwordsIn(usersOf(secrets).data['passwords.conf'] ?? ''))
  return {
    changed: [{ ...leaf, data: { 'leaf-own.conf': text.replace(urlOf(leaf), () => url) } }],
    next: 'Start NATS of this leaf cluster anew; when all leaf clusters have moved: "secrets retire link"',
  }
}

/** A new password for the login of the link that no leaf cluster has any more. */
export function retiredLink(secrets: Secret[], draw: Draw): Step {
  const [login, ...others] = new Set(leavesIn(secrets).map(leaf => new URL(urlOf(leaf)).username))
  if (!login)
    throw new Error('Cannot tell which login is idle: give the Secrets of the main and of every leaf cluster')
  if (others.length > 0) throw new Error(`Cannot retire a login: "${login}" and "${others}" are in use`)
  const users = usersOf(secrets)
  const fresh = { [otherLogin(login)]: draw('base64url') }
  const text = withPasswords(users.data['passwords.conf'] ?? '', fresh)
  return {
    changed: [{ ...users, data: { 'passwords.conf': text } }],
    next: "The main cluster's NATS learns it by itself within two minutes. That was the last step",
  }
}
