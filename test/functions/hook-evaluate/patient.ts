import { Redis as Client } from 'ioredis'

/**
 * What hook-evaluate uses of Redis without its impatience: on a busy machine it would rather do without Redis, and
 * that is another story than the one told.
 */
export function patientRedis(url: string) {
  const client = new Client(url)
  return {
    run: (script: string, args: string[]): Promise<unknown> => client.eval(script, 0, ...args),
    read: async (keys: string[]) =>
      keys.length === 0 ? [] : (await client.mget(keys)).map(value => value ?? undefined),
    put: (entries: [key: string, value: string][], seconds: number) =>
      Promise.all(entries.map(([key, value]) => client.set(key, value, 'EX', seconds))),
    close: async () => client.disconnect(),
  }
}
