import { stringify } from 'yaml'
import { type Account, accounts } from './accounts.ts'
import { natsLogins, passwordName } from './users.ts'

/** Who there is, each with its password as it has to be written down. */
const configOf = (written: (variable: string) => string) => {
  const named = ({ users, ...account }: Account) => ({
    ...account,
    users: users.map(user => ({ ...user, password: written(user.password) })),
  })
  const all = Object.entries(accounts()).map(([name, account]) => [name, named(account)] as const)
  return { system_account: 'SYS', accounts: Object.fromEntries(all) }
}

/** The values of NATS' own chart that say who may do what; other values have it include the passwords. */
export function chartUsers(): string {
  const merge = configOf(variable => `<< $${variable} >>`)
  return stringify({ config: { merge } }, { lineWidth: 0 })
}

/** The same for who runs nats-server without that chart, to be included in its configuration. */
export function accountsConf(): string {
  const config = configOf(variable => `$${variable}`)
  // NATS reads JSON, but no variable in quotes.
  const written = JSON.stringify(config.accounts, null, 2).replaceAll(/"(\$password_\w+)"/g, '$1')
  return `include ./passwords.conf\n\nsystem_account: ${config.system_account}\naccounts: ${written}\n`
}

/** The passwords, by login, in the file that both of them include. */
export const passwordsConf = (passwords: Record<string, string>): string =>
  Object.entries(passwords)
    .map(([login, password]) => `${passwordName(login)}: ${JSON.stringify(password)}\n`)
    .join('')

/** The passwords of such a file, by login. */
export function passwordsIn(text: string): Record<string, string> {
  const rows = natsLogins().map(login => {
    const [, password] = new RegExp(`^${passwordName(login)}: "([^"]*)"$`, 'm').exec(text) ?? []
    return [login, password ?? '']
  })
  return Object.fromEntries(rows)
}

/** Such a file with other passwords for some of its logins; what else stands there stays. */
export const withPasswords = (text: string, fresh: Record<string, string>): string =>
  Object.entries(fresh).reduce(
    (now, [login, password]) =>
      now.replace(new RegExp(`^${passwordName(login)}: .*\n`, 'm'), () =>
        passwordsConf({ [login]: password }),
      ),
    text,
  )
