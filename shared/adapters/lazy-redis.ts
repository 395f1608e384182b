import type { Log } from '../log.ts'
import { openerOf } from '../opener.ts'
import type { Identity } from './identity.ts'
import type { Redis } from './redis.ts'

/** Redis that is connected to with the first question: most of what people ask is not in it. */
export function lazyRedis(
  url: string,
  log: Log,
  identity: Identity,
): Pick<Redis, 'get' | 'first' | 'put' | 'close'> {
  const { open, opened } = openerOf(async () => (await import('./redis.ts')).openRedis(url, log, identity))
  return {
    get: async key => (await open()).get(key),
    first: async (key, most) => (await open()).first(key, most),
    put: async (entries, seconds) => (await open()).put(entries, seconds),
    close: async () => (await opened())?.close(),
  }
}
