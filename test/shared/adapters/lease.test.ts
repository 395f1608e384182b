import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openLease } from '../../../shared/adapters/lease.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

describe.each(natsVersions)('a lease, on NATS %s', async version => {
  const server = await ownNats(version)
  const [one, other] = [openNats(server.url, 'one', log), openNats(server.url, 'other', log)]
  beforeAll(async () => {
    await ensureStreams(await one.opened, 1, log)
    await other.opened
  })
  afterAll(() => Promise.all([one.close(), other.close()]))

  it('is had by one, and by the next as soon as it is given back, who need not look again', async () => {
    // Nobody's time to look again comes.
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const holder = take(one, 'one')
    await holder.gained
    const next = take(other, 'other')
    // Its wish to hear has arrived.
    await (await other.opened).flush()
    expect([holder.lease.held(), next.lease.held()]).toEqual([true, false])
    await holder.lease.stop()
    expect(await next.gained).toBe(0)
    expect([holder.lease.held(), next.lease.held()]).toEqual([false, true])
    await next.lease.stop()
  })
})

/** Takes part; `gained` resolves with the unrest that it is told of. */
function take(nats: Parameters<typeof openLease>[0], me: string) {
  const { promise: gained, resolve } = Promise.withResolvers<number>()
  const lease = openLease(nats, 'test', me, { lingers: 0, gained: resolve, lost() {} }, log)
  return { lease, gained }
}
