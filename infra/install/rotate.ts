import { peoplesLogins } from '../nats/users.ts'
import type { Draw } from './make.ts'
import { nextTokens } from './rotate-callers.ts'
import { nextKeys } from './rotate-keys.ts'
import { movedLink, retiredLink } from './rotate-link.ts'
import { movedLogins, retiredLogins, retiredPerson } from './rotate-logins.ts'
import type { Secret } from './secret.ts'

/** Secrets as they have to be next, and what to do once they are. */
export type Step = { changed: Secret[]; next: string }

/** What takes Secrets a step further. */
export type Turn = (secrets: Secret[], draw: Draw) => Step
type Logins = 'nats' | 'redis' | 'postgres' | 'link'

/** What can be changed while everything runs: `secrets rotate` brings it a step further, as often as it says so. */
export const rotations: Record<'bridge-token' | 'seal-key' | 'tokens' | Logins, Turn> = {
  'bridge-token': nextKeys({
    variable: 'BRIDGE_TOKEN',
    writer: 'bridge',
    encoding: 'base64url',
  }),
  'seal-key': nextKeys({ variable: 'HOOK_SEAL_KEY', writer: 'watcher', encoding: 'base64' }),
  tokens: nextTokens,
  nats: movedLogins('EVENT_ENDPOINT'),
  redis: movedLogins('REDIS_URL'),
  postgres: movedLogins('DATABASE_URL'),
  link: movedLink,
}

/**
 * Gives the logins that nobody uses any more new passwords: the last step where `rotate` has moved everybody, and the only
 * one for those by which people come to NATS.
 */
export const retirements: Record<Logins, Turn> & Record<string, Turn> = {
  nats: retiredLogins('EVENT_ENDPOINT'),
  redis: retiredLogins('REDIS_URL'),
  postgres: retiredLogins('DATABASE_URL'),
  link: retiredLink,
  ...Object.fromEntries(peoplesLogins.map(login => [login, retiredPerson(login)])),
}
