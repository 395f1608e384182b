import type { Draw } from '../../../infra/install/make.ts'
import type { Secret } from '../../../infra/install/secret.ts'

/** Secrets with some of them as they are now. */
export const put = (secrets: Secret[], changed: Secret[]): Secret[] =>
  secrets.map(secret => changed.find(({ name }) => name === secret.name) ?? secret)

/** New texts, numbered. */
export function drawing(): Draw {
  let count = 0
  return encoding => Buffer.from(`fresh ${count++}`.padEnd(32, '.')).toString(encoding)
}
