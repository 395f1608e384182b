import { loginsOf } from '../install/logins.ts'
import { type Rights, rights } from './rights.ts'

/** A user as the configuration of NATS has it; `password` is the variable that holds it. */
export type User = {
  user: string
  password: string
  allowed_connection_types?: string[]
  permissions?: { publish: { allow: string[]; deny?: string[] }; subscribe: { allow: string[] } }
}

/** The variable that holds the password of a login, in a file of its own that the configuration includes. */
export const passwordName = (login: string): string => `password_${login.replaceAll('-', '_')}`

const people = ['admin', 'operator'] as const

/**
 * Those who come by hand. `admin` sees into the servers themselves, and has no part in what goes through them; `operator`
 * may do everything with streams, and sees into no server.
 */
export const person = (name: (typeof people)[number]): User[] =>
  loginsOf(name).map(user => ({ user, password: passwordName(user) }))

/** The logins of people. */
export const peoplesLogins = people.flatMap(loginsOf)

/** The logins that NATS knows. */
export const natsLogins = (): string[] => [...Object.keys(rights).flatMap(loginsOf), ...peoplesLogins]

/** The logins of a process, and what they may. */
export function usersOf(user: string, { publish, never, subscribe, only }: Rights): User[] {
  const permissions = {
    publish: { allow: [...new Set(publish)], ...(never && { deny: never }) },
    subscribe: { allow: subscribe },
  }
  return loginsOf(user).map(login => ({
    ...{ user: login, password: passwordName(login) },
    ...(only && { allowed_connection_types: [only] }),
    permissions,
  }))
}
