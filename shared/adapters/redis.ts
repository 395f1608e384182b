import { Redis as Client } from 'ioredis'
import { type Log, messageOf } from '../log.ts'

/**
 * Memory that may forget. Nothing here is the only copy of anything: every call answers within a moment, as if the
 * key were not there when Redis is away, and asks it again a second later.
 */
export type Redis = {
  get(key: string): Promise<string | undefined>
  /** Which of the keys are there, in their order. */
  has(keys: string[]): Promise<boolean[]>
  /** Keeps the values for some seconds; false when Redis did not take them. */
  put(entries: [key: string, value: string][], seconds: number): Promise<boolean>
  /** The same for keys of which only that they are there counts. */
  mark(keys: string[], seconds: number): Promise<boolean>
  close(): Promise<void>
}

// One command for many keys costs a tenth of a command each.
const putAll = "for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[i + 1], 'EX', ARGV[1]) end"

/** Connects lazily to `redis://…` and stays connected as far as it can. */
export function openRedis(url: string, log: Log, now: () => number = () => performance.now()): Redis {
  const client = new Client(url, {
    lazyConnect: false,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 300,
    connectTimeout: 1_000,
    retryStrategy: attempt => Math.min(50 * 2 ** attempt, 2_000),
  })
  let pauseUntil = 0
  let away = false
  // The first calls of a process that has just started wait for the connection instead of doing without it.
  const started = Promise.race([
    new Promise<void>(resolve => client.once('ready', resolve)),
    new Promise<void>(resolve => setTimeout(resolve, 500).unref()),
  ])

  // Without a listener ioredis throws connection errors at the process.
  client.on('error', error => say(error))
  client.on('ready', () => {
    if (away) log.info({}, 'Redis is back')
    away = false
    pauseUntil = 0
  })

  function say(error: unknown) {
    if (!away) log.warn({ err: messageOf(error) }, 'Redis is away: going on without it')
    away = true
  }

  async function attempt<T>(call: () => Promise<T>, otherwise: T): Promise<T> {
    if (now() < pauseUntil) return otherwise
    try {
      await started
      return await call()
    } catch (error) {
      say(error)
      pauseUntil = now() + 1_000
      return otherwise
    }
  }

  const put = (entries: [key: string, value: string][], seconds: number) =>
    attempt(async () => {
      const [first, ...more] = entries
      const keys = entries.map(([key]) => key)
      const values = entries.map(([, value]) => value)
      if (!first) return true
      if (more.length === 0) await client.set(...first, 'EX', seconds)
      else await client.eval(putAll, keys.length, ...keys, seconds, ...values)
      return true
    }, false)

  return {
    get: key => attempt(async () => (await client.get(key)) ?? undefined, undefined),
    has: keys =>
      keys.length === 0
        ? Promise.resolve([])
        : attempt(
            async () => (await client.mget(keys)).map(value => value !== null),
            keys.map(() => false),
          ),
    put,
    mark: (keys, seconds) =>
      put(
        keys.map(key => [key, '1']),
        seconds,
      ),
    async close() {
      client.disconnect()
    },
  }
}
