import { stringify } from 'yaml'
import { loginsOf } from '../install/logins.ts'
import { rights, rulesOf } from './rights.ts'

// Probes and the exporter of metrics come as `default`, people who look after the server as `admin`.
const servants = { default: 'resetchannels -@all +ping +info', admin: '~* &* +@all' }

const users: [login: string, rules: string][] = [
  ...Object.entries(servants),
  ...Object.entries(rights).flatMap(([user, may]) =>
    loginsOf(user).map(login => [login, rulesOf(may)] as [string, string]),
  ),
]

/** The logins that Redis knows. */
export const redisLogins = (): string[] => users.map(([login]) => login)

/** The values of Valkey's own chart that say who may do what; it reads the passwords from a Secret. */
export function chartUsers(): string {
  const aclUsers = Object.fromEntries(users.map(([login, permissions]) => [login, { permissions }]))
  const auth = { enabled: true, usersExistingSecret: 'ops-redis-users', aclUsers }
  return stringify({ auth }, { lineWidth: 0 })
}

/** The same as Redis' own `aclfile`, where `passwordOf` has a password's digest for a login; without one nobody comes in. */
export const usersAcl = (digestOf: (login: string) => string | undefined = () => undefined): string =>
  users
    .map(([login, rules]) => {
      const digest = digestOf(login)
      return `user ${login} reset ${digest === undefined ? 'off' : `on #${digest}`} ${rules}\n`
    })
    .join('')
