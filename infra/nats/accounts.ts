import { type Rights, rights } from './rights.ts'
import { systemUsers, type User, usersOf } from './users.ts'

/** An account as the configuration of NATS has it: what one exports, another asks for. */
export type Account = {
  jetstream?: 'enabled'
  exports?: { service: string; accounts: string[] }[]
  imports?: { service: { account: string; subject: string } }[]
  users: User[]
}

const all: [name: string, Rights][] = Object.entries(rights)
const shared = all.filter(([, { apart }]) => !apart)
const apart = all.filter(([, { apart }]) => apart)

/** The accounts: that of the streams, that of the servers, and one for each who is apart. */
export const accounts = (): Record<string, Account> => ({
  SYS: { users: systemUsers() },
  APP: {
    jetstream: 'enabled',
    exports: apart.flatMap(([name, { publish }]) =>
      publish.map(subject => ({ service: subject, accounts: [name] })),
    ),
    users: shared.flatMap(([name, may]) => usersOf(name, may)),
  },
  ...Object.fromEntries(apart.map(([name, may]) => [name, accountOf(name, may)])),
})

const accountOf = (name: string, may: Rights): Account => ({
  imports: may.publish.map(subject => ({ service: { account: 'APP', subject } })),
  users: usersOf(name, may),
})
