/**
 * Every process has two logins at each server, with the same rights: one in use, and one to move to. So a password is
 * changed while nobody uses it, and nobody is ever without (infra/decisions/0021).
 */
export const loginsOf = (user: string): [string, string] => [user, `${user}-2`]

/** The login to move to from this one. */
export const otherLogin = (login: string): string =>
  login.endsWith('-2') ? login.slice(0, -2) : `${login}-2`
