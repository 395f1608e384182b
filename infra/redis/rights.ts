import type { Process } from '../install/secrets.ts'

/** What a user may do on Redis: commands, also those that its scripts call, and keys, all of which begin `ops-events:`. */
export type Rights = { commands: string[]; keys: string[]; reads?: string[] }

/** What the client asks as it connects, whoever it is: has the server all its data yet? */
const connecting = ['info']
/** The compiled hooks: whoever finds them missing reads them in NATS, and puts them there. */
const hooks = { commands: ['get', 'mget', 'set', 'eval'], keys: ['hooks:*'] }

/** What each process does there, which is all that it may; others have nothing to do with Redis. */
export const rights = {
  watcher: { commands: [...connecting, ...hooks.commands], keys: hooks.keys },
  'hook-evaluate': {
    commands: [
      ...[...connecting, ...hooks.commands, 'del', 'exists', 'incr', 'pexpire', 'lpush', 'ltrim'],
      ...['hget', 'hset', 'hsetnx', 'hdel', 'hexists', 'hlen', 'hincrby', 'hmget', 'hgetall'],
    ],
    keys: [...hooks.keys, 'judged:*', 'dedup:*', 'storm:*', 'threshold:*', 'verdicts:*', 'silenced:*'],
  },
  'webhook-deliver': {
    commands: [
      ...[...connecting, ...hooks.commands, 'del', 'pexpire'],
      ...['zadd', 'zcard', 'zrange', 'zscore', 'zremrangebyscore'],
    ],
    keys: [...hooks.keys, 'sent:*', 'circuit:*', 'starts:*'],
  },
  'ops-api': {
    commands: [...connecting, ...hooks.commands, 'lrange'],
    keys: hooks.keys,
    reads: ['silenced:*'],
  },
} satisfies Partial<Record<Process, Rights>>

/** The rules of a user in the words of Redis 7, and of Valkey. */
export function rulesOf({ commands, keys, reads = [] }: Rights): string {
  return [
    ...keys.map(key => `~ops-events:${key}`),
    ...reads.map(key => `%R~ops-events:${key}`),
    ...['resetchannels', '-@all'],
    ...commands.map(command => `+${command}`),
  ].join(' ')
}
