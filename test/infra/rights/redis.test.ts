import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { environmentIn, redisWithUsers, someSecrets, urlWith } from './servers.ts'

const secrets = someSecrets()
const redis = await redisWithUsers(secrets)

type User = 'watcher' | 'hook-evaluate' | 'webhook-deliver' | 'ops-api'
const users: User[] = ['watcher', 'hook-evaluate', 'webhook-deliver', 'ops-api']

type Call = [command: string, ...args: string[]]
type Row = [what: string, tries: Call[], who: User[]]

const writes = (key: string): Call[] => [
  ['SET', `ops-events:${key}:x`, '1'],
  ['EVAL', `return redis.call('SET', 'ops-events:${key}:x', '1')`, '0'],
]
const reads = (key: string): Call[] => [['GET', `ops-events:${key}:x`]]

const writing =
  (user: User) =>
  (key: string): Row => [`write ${key}`, writes(key), [user]]

/** What somebody could try, and who gets through with it. */
const table: Row[] = [
  ['write hooks', writes('hooks'), users],
  ['read hooks', reads('hooks'), users],
  ...['judged', 'dedup', 'storm', 'threshold', 'verdicts', 'silenced'].map(writing('hook-evaluate')),
  ...['sent', 'circuit', 'starts'].map(writing('webhook-deliver')),
  ['read what was silenced', reads('silenced'), ['hook-evaluate', 'ops-api']],
  ['read what was judged', reads('judged'), ['hook-evaluate']],
  ['read what was sent', reads('sent'), ['webhook-deliver']],
  ['write what is not ours', [['SET', 'theirs', '1']], []],
  ['read what is not ours', [['GET', 'theirs']], []],
  ['take all away', [['FLUSHALL'], ['FLUSHDB'], ['EVAL', "return redis.call('FLUSHALL')", '0']], []],
  ['look for keys', [['KEYS', '*'], ['SCAN', '0'], ['RANDOMKEY'], ['DBSIZE']], []],
  ['change the server', [['CONFIG', 'SET', 'maxmemory', '1'], ['SHUTDOWN'], ['BGSAVE'], ['SAVE']], []],
  ['see how it is set', [['CONFIG', 'GET', '*'], ['CLIENT', 'LIST'], ['SLOWLOG', 'GET'], ['MONITOR']], []],
  [
    'make users',
    [
      ['ACL', 'LIST'],
      ['ACL', 'SETUSER', 'x', 'on', 'nopass', '+@all'],
      ['ACL', 'WHOAMI'],
    ],
    [],
  ],
  ['make it another one’s replica', [['REPLICAOF', '127.0.0.1', '1']], []],
  [
    'bring code that stays',
    [
      ['FUNCTION', 'LIST'],
      ['SCRIPT', 'FLUSH'],
      ['MODULE', 'LIST'],
    ],
    [],
  ],
  [
    'publish, or listen',
    [
      ['PUBLISH', 'x', '1'],
      ['SUBSCRIBE', 'x'],
    ],
    [],
  ],
  [
    'move keys',
    [
      ['RENAME', 'ops-events:hooks:x', 'theirs'],
      ['MIGRATE', '127.0.0.1', '1', 'x', '0', '1'],
    ],
    [],
  ],
]

function opened(url: string): Redis {
  const client = new Redis(url, { disableClientInfo: true, retryStrategy: null, maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

/** Does the server let this user have any of it? What it takes offence at otherwise, it has let through. */
async function getsThrough(client: Redis, tries: Call[]): Promise<boolean> {
  const answers = await Promise.all(
    tries.map(([command, ...args]) =>
      client.call(command, ...args).then(
        () => true,
        error => !/NOPERM|can't (access|run)/i.test(String(error)),
      ),
    ),
  )
  return answers.includes(true)
}

it.each(table)('lets those %s who have to, and nobody else', async (_, tries, who) => {
  const got = await Promise.all(
    users.map(async user => {
      const at = { nats: 'nats://none', redis: redis.url, postgres: 'postgres://none' }
      const client = opened(environmentIn(secrets, user, at).REDIS_URL ?? '')
      return (await getsThrough(client, tries)) ? [user] : []
    }),
  )
  expect(got.flat()).toEqual(who)
})

it('lets nobody in without a user, or with the password of another', async () => {
  for (const url of [redis.url, urlWith(redis.url, 'watcher', 'c2VjcmV0IDAu')])
    await expect(opened(url).call('GET', 'ops-events:hooks:x')).rejects.toThrow(/NOAUTH|WRONGPASS|closed/i)
})
