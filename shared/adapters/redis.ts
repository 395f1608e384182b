import { Redis as Client } from 'ioredis'
import { type Log, messageOf } from '../log.ts'
import { tlsProblem } from '../tls-problem.ts'
import type { Identity } from './identity.ts'
import { lastRead } from './last-read.ts'

/**
 * Memory that may forget. Nothing here is the only copy of anything: every call answers within a moment, as if the
 * key were not there when Redis is away, and asks it again a second later.
 */
export type Redis = {
  get(key: string): Promise<string | undefined>
  /** The values in the order of the keys; undefined instead of all of them where Redis cannot be asked. */
  read(keys: string[]): Promise<(string | undefined)[] | undefined>
  /** Was the key free, and is now taken for so many milliseconds? Undefined where Redis cannot be asked. */
  claim(key: string, milliseconds: number): Promise<boolean | undefined>
  /** False when Redis did not hear of it. */
  forget(key: string): Promise<boolean>
  /** Which of the keys are there, in their order. */
  has(keys: string[]): Promise<boolean[]>
  /** Keeps the values for some seconds; false when Redis did not take them. */
  put(entries: [key: string, value: string][], seconds: number): Promise<boolean>
  /** The same for keys of which only that they are there counts. */
  mark(keys: string[], seconds: number): Promise<boolean>
  /** The first of the list at the key. */
  first(key: string, most: number): Promise<string[]>
  /** Runs a Lua script, which makes its keys itself; undefined while Redis is away. */
  run(script: string, args: string[]): Promise<unknown>
  close(): Promise<void>
}

// One command for many keys costs a tenth of a command each.
const putAll = "for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[i + 1], 'EX', ARGV[1]) end"

/** Connects to `redis://…` or `rediss://…` and stays connected as far as it can. */
export function openRedis(url: string, log: Log, identity: Identity = {}): Redis {
  const now = () => performance.now()
  const { host, protocol } = new URL(url)
  const client = new Client(url, {
    ...(protocol === 'rediss:' && { tls: certificateOf(identity) }),
    lazyConnect: false,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 300,
    // It would be one right more for every user.
    disableClientInfo: true,
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
    const reason = `${host}: ${tlsProblem(error) ?? messageOf(error)}`
    if (!away) log.warn({ err: reason }, 'Redis is away: going on without it')
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
    read: keys =>
      keys.length === 0
        ? Promise.resolve([])
        : attempt(async () => (await client.mget(keys)).map(value => value ?? undefined), undefined),
    claim: (key, milliseconds) =>
      attempt(async () => (await client.set(key, '1', 'PX', milliseconds, 'NX')) === 'OK', undefined),
    forget: key => attempt(async () => (await client.del(key)) >= 0, false),
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
    first: (key, most) => attempt(() => client.lrange(key, 0, most - 1), []),
    run: (script, args) => attempt<unknown>(() => client.eval(script, 0, ...args), undefined),
    async close() {
      client.disconnect()
    },
  }
}

/** What is shown to a server that asks for it, as it is in the files by the time of each connection. */
function certificateOf({ TLS_CERT_FILE, TLS_KEY_FILE }: Identity) {
  const [cert, key] = [TLS_CERT_FILE, TLS_KEY_FILE].map(path => path && lastRead(path, content => content))
  return {
    get cert() {
      return cert ? cert() : undefined
    },
    get key() {
      return key ? key() : undefined
    },
  }
}
