import type { Log } from '../log.ts'
import type { Redis } from './redis.ts'

/** Redis that is connected to with the first question: most of what people ask is not in it. */
export function lazyRedis(url: string, log: Log): Pick<Redis, 'get' | 'first' | 'put' | 'close'> {
  let redis: Promise<Redis> | undefined
  async function open(): Promise<Redis> {
    const { openRedis } = await import('./redis.ts')
    return openRedis(url, log)
  }
  function opened(): Promise<Redis> {
    redis ??= open()
    return redis
  }
  return {
    get: async key => (await opened()).get(key),
    first: async (key, most) => (await opened()).first(key, most),
    put: async (entries, seconds) => (await opened()).put(entries, seconds),
    close: async () => (await redis)?.close(),
  }
}
