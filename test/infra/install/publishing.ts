import { expect } from 'vitest'
import type { Nats } from '../../../shared/adapters/nats.ts'

/**
 * Publishes as fast as it can: `publish` is told how many were before, and answers whether this one is in the stream.
 * `more` resolves when so many more are, `stop` to how many are in the end; it closes the connection.
 */
export function publishing(connection: Nats, publish: (before: number) => Promise<boolean>) {
  let going = true
  let published = 0
  const work = (async () => {
    while (going) if (await publish(published)) published++
  })()
  return {
    async more(many: number) {
      const from = published
      await expect.poll(() => published, { timeout: 20_000 }).toBeGreaterThan(from + many)
    },
    async stop() {
      going = false
      await work
      await connection.close()
      return published
    },
  }
}
