import { Redis } from 'ioredis'
import { afterAll } from 'vitest'
import type { CircuitStore } from '../../../functions/webhook-deliver/circuits.ts'
import { sharedRedis } from '../../servers.ts'

/** What circuits share, in a real Redis that is waited for: on a busy machine the product's client would give up. */
export function patientStore(): CircuitStore {
  const client = new Redis(sharedRedis())
  afterAll(() => client.disconnect())
  return {
    read: async keys => (await client.mget(keys)).map(value => value ?? undefined),
    async put(entries, seconds) {
      for (const [key, value] of entries) await client.set(key, value, 'EX', seconds)
    },
    forget: key => client.del(key),
    claim: async (key, milliseconds) => (await client.set(key, '1', 'PX', milliseconds, 'NX')) === 'OK',
  }
}
