import { hash } from 'node:crypto'
import { stringify } from 'yaml'
import { passwordsConf } from '../nats/files.ts'
import { natsLogins } from '../nats/users.ts'
import { redisLogins } from '../redis/files.ts'
import { loginsOf } from './logins.ts'
import type { Secret } from './secret.ts'
import { allProcesses, functionNames, holdersOf, installed, type Process, type Variable } from './secrets.ts'

/** Where the servers are, `host:port`, and where Secrets belong. */
export type Places = {
  nats: string
  redis: string
  postgres: string
  namespace: string
  /** Where functions are, which need not be where the rest is. */
  functions: string
}

/** A new secret text: of 32 bytes, as it can stand in a URL, or in base64. */
export type Draw = (encoding: 'base64url' | 'base64') => string

/** Who may call at first: people with the first, and other systems that only send notices with the second. */
const callers = {
  admin: { publish: ['>'], read: ['>'], rights: ['admin'] },
  notices: { publish: ['ops.notifications.>'], read: [], rights: [] },
}

/** All Secrets of a new installation, whose texts nobody has seen before. */
export function newSecrets(places: Places, draw: Draw): Secret[] {
  const passwords = (logins: string[]) => Object.fromEntries(logins.map(login => [login, draw('base64url')]))
  const nats = passwords(natsLogins())
  const redis = passwords(redisLogins())
  const postgres = passwords(holdersOf('DATABASE_URL').flatMap(loginsOf))
  const [bridgeToken, sealKey] = [draw('base64url'), draw('base64')]

  const valuesOf = (process: Process): Record<Variable, string> => ({
    EVENT_ENDPOINT: urlOf('nats', places.nats, process, nats),
    REDIS_URL: urlOf('redis', places.redis, process, redis),
    DATABASE_URL: `${urlOf('postgres', places.postgres, process, postgres)}/ops`,
    BRIDGE_TOKEN: bridgeToken,
    HOOK_SEAL_KEY: sealKey,
  })

  const { namespace } = places
  return [
    ...allProcesses.map(process => {
      const values = valuesOf(process)
      const { workload, secret } = installed[process]
      const data = Object.fromEntries(secret.map(variable => [variable, values[variable]]))
      return { name: workload, namespace: homeOf(process, places), data }
    }),
    ...tokens(places, draw),
    { name: 'ops-nats-users', namespace, data: { 'passwords.conf': passwordsConf(nats) } },
    { name: 'ops-redis-users', namespace, data: redis },
    ...Object.entries(postgres).map(([username, password]) => ({
      ...{ name: `ops-postgres-${username}`, namespace, type: 'kubernetes.io/basic-auth' },
      data: { username, password },
    })),
  ]
}

/** The namespace of a process. */
const homeOf = (process: Process, { namespace, functions }: Places) =>
  functionNames.includes(process) ? functions : namespace

const urlOf = (scheme: string, place: string, user: string, passwords: Record<string, string>) =>
  `${scheme}://${user}:${passwords[user] ?? ''}@${place}`

function tokens({ namespace, functions }: Places, draw: Draw): Secret[] {
  const plain = Object.fromEntries(Object.keys(callers).map(name => [name, draw('base64url')]))
  const rows = Object.entries(callers).map(([name, may]) => ({
    ...{ name, sha256: hash('sha256', plain[name] ?? '') },
    ...may,
  }))
  return [
    { name: 'ops-server-tokens', namespace: functions, data: { 'tokens.yaml': stringify(rows) } },
    { name: 'ops-plain-tokens', namespace, data: plain },
  ]
}
