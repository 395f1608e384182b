import { passwordsIn, withPasswords } from '../nats/files.ts'
import { otherLogin } from './logins.ts'
import type { Draw } from './make.ts'
import type { Step } from './rotate.ts'
import { type Secret, secretOf } from './secret.ts'
import { holdersOf, installed, type Process, type Variable, workloadsOf } from './secrets.ts'

type Server = 'EVENT_ENDPOINT' | 'REDIS_URL' | 'DATABASE_URL'

/** Passwords as a server's Secrets hold them. */
type Book = {
  of(secrets: Secret[]): Record<string, string>
  put(secrets: Secret[], fresh: Record<string, string>): Secret[]
}

const postgresName = (login: string) => `ops-postgres-${login}`

const books: Record<Server, Book> = {
  EVENT_ENDPOINT: {
    of: secrets => passwordsIn(natsFile(secrets).text),
    put(secrets, fresh) {
      const { secret, key, text } = natsFile(secrets)
      return [{ ...secret, data: { ...secret.data, [key]: withPasswords(text, fresh) } }]
    },
  },
  REDIS_URL: {
    of: secrets => secretOf(secrets, 'ops-redis-users').data,
    put(secrets, fresh) {
      const secret = secretOf(secrets, 'ops-redis-users')
      return [{ ...secret, data: { ...secret.data, ...fresh } }]
    },
  },
  DATABASE_URL: {
    of: secrets =>
      Object.fromEntries(
        secrets
          .filter(({ name }) => name.startsWith(postgresName('')))
          .map(({ data }) => [data.username ?? '', data.password ?? '']),
      ),
    put: (secrets, fresh) =>
      Object.entries(fresh).map(([login, password]) => {
        const secret = secretOf(secrets, postgresName(login))
        return { ...secret, data: { ...secret.data, password } }
      }),
  },
}

/** Where NATS' passwords stand: in a leaf cluster among all that is its own. */
function natsFile(secrets: Secret[]): { secret: Secret; key: string; text: string } {
  const name = isLeaf(secrets) ? 'ops-nats-leaf' : 'ops-nats-users'
  const key = isLeaf(secrets) ? 'leaf-own.conf' : 'passwords.conf'
  const secret = secretOf(secrets, name)
  return { secret, key, text: secret.data[key] ?? '' }
}

function isLeaf(secrets: Secret[]): boolean {
  const [is, isMain] = ['ops-nats-leaf', 'ops-nats-users'].map(one =>
    secrets.some(({ name }) => name === one),
  )
  if (is && isMain) throw new Error('Cannot tell whose logins are meant: give the Secrets of one cluster')
  return is === true
}

/** In a leaf cluster there is but the watcher. */
const usersOf = (variable: Server, secrets: Secret[]): Process[] =>
  isLeaf(secrets) ? ['watcher'] : holdersOf(variable satisfies Variable)

/** Everybody moves to the login that is not in use; both are good as long as anybody may still be on the way. */
export const movedLogins =
  (variable: Server) =>
  (secrets: Secret[]): Step => {
    const passwords = books[variable].of(secrets)
    const users = usersOf(variable, secrets)
    const changed = users.map(process => {
      const secret = secretOf(secrets, installed[process].workload)
      const urls = (secret.data[variable] ?? '').split(',').map(text => movedUrl(text.trim(), passwords))
      return { ...secret, data: { ...secret.data, [variable]: urls.join(',') } }
    })
    return {
      changed,
      next: `Start ${workloadsOf(users)} anew; when all of them run again: "secrets retire" the logins that they had`,
    }
  }

/**
 * A server's URL with the other login. Where there are several every one of them has it, or only the first, which then
 * holds for all.
 */
export function movedUrl(text: string, passwords: Record<string, string>): string {
  const url = new URL(text)
  if (url.username === '') return text
  const login = otherLogin(decodeURIComponent(url.username))
  const password = passwords[login]
  if (!password) throw new Error(`Cannot move to login "${login}": there is no password for it`)
  return text.replace(/\/\/[^@]*@/, () => `//${login}:${password}@`)
}

/** New passwords for the logins that no process has, which shut out whoever still comes with one of them. */
export const retiredLogins =
  (variable: Server) =>
  (secrets: Secret[], draw: Draw): Step => {
    const idle = usersOf(variable, secrets).map(process => {
      const text = secretOf(secrets, installed[process].workload).data[variable] ?? ''
      return otherLogin(decodeURIComponent(new URL(text.split(',')[0] ?? '').username))
    })
    const fresh = Object.fromEntries(idle.map(login => [login, draw('base64url')]))
    return { changed: books[variable].put(secrets, fresh), next: learnt[variable] }
  }

/** A new password for a login of people: which of the two they come with, they know. */
export const retiredPerson =
  (login: string) =>
  (secrets: Secret[], draw: Draw): Step => {
    const book = books.EVENT_ENDPOINT
    if (!book.of(secrets)[login])
      throw new Error(`Cannot retire login "${login}": there is no password for it`)
    return { changed: book.put(secrets, { [login]: draw('base64url') }), next: learnt.EVENT_ENDPOINT }
  }

const learnt: Record<Server, string> = {
  EVENT_ENDPOINT: 'NATS learns them by itself within two minutes. That was the last step',
  REDIS_URL:
    'Start Redis anew, which all can do without for a moment, or tell it by ACL SETUSER. That was the last step',
  DATABASE_URL:
    'CloudNativePG brings them in by itself; elsewhere: ALTER ROLE … PASSWORD. That was the last step',
}
