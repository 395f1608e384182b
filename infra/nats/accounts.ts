import { type Rights, rights } from './rights.ts'
import { answersOften, isListed } from './subjects.ts'
import { person, type User, usersOf } from './users.ts'

/** An account as the configuration of NATS has it: what one exports, another asks for. */
export type Account = {
  jetstream?: 'enabled'
  exports?: Export[]
  imports?: ({ service: From } | { stream: From })[]
  users: User[]
}
type Export = ({ service: string; response_type?: 'Stream' } | { stream: string }) & { accounts: string[] }
type From = { account: 'APP'; subject: string }

const all: [name: string, Rights][] = Object.entries(rights)
const inside = all.filter(([, may]) => may.inside)
const apart = all.filter(([, may]) => !may.inside)

/** The accounts: that of the streams, that of the servers, and one for each who is not with the streams. */
export const accounts = (): Record<string, Account> => ({
  SYS: { users: person('admin') },
  APP: {
    jetstream: 'enabled',
    exports: [...servicesExported(), ...streamsExported()],
    users: [...inside.flatMap(([name, may]) => usersOf(name, may)), ...person('operator')],
  },
  ...Object.fromEntries(apart.map(([name, may]) => [name, accountOf(name, may)])),
})

const accountOf = (name: string, may: Rights): Account => ({
  imports: [
    ...asked(may).map(subject => ({ service: { account: 'APP' as const, subject } })),
    ...pushed(may).map(subject => ({ stream: { account: 'APP' as const, subject } })),
  ],
  users: usersOf(name, may),
})

/**
 * What it asks the account of the streams; what it hears itself stays in its own. `$JS.API.INFO` no user of ours may
 * publish: an account without it is answered by the server itself, in JetStream's place, that it has none.
 */
const asked = ({ publish, subscribe }: Rights): string[] => [
  '$JS.API.INFO',
  ...new Set(publish.filter(subject => !subscribe.includes(subject))),
]

/** Where whoever lists a bucket is sent its keys, without a request for each. */
const pushed = ({ publish, subscribe }: Rights): string[] => (publish.some(isListed) ? subscribe : [])

const servicesExported = (): Export[] =>
  [...new Set(apart.flatMap(([, may]) => asked(may)))].map(subject => ({
    service: subject,
    ...(answersOften(subject) && { response_type: 'Stream' as const }),
    accounts: apart.flatMap(([name, may]) => (asked(may).includes(subject) ? [name] : [])),
  }))

const streamsExported = (): Export[] =>
  apart.flatMap(([name, may]) => pushed(may).map(subject => ({ stream: subject, accounts: [name] })))
