import { connect } from '@nats-io/transport-node'
import { describe, expect, it, onTestFinished } from 'vitest'
import { retirements, rotations } from '../../../infra/install/rotate.ts'
import type { Secret } from '../../../infra/install/secret.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { connectionOptions } from '../../../shared/adapters/nats-options.ts'
import { publisherOver } from '../../../shared/adapters/publisher.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { logOf } from '../../../shared/log.ts'
import { natsVersions } from '../../servers.ts'
import { endpointOf, natsWithUsers, someSecrets } from '../rights/servers.ts'
import { publishing } from './publishing.ts'
import { drawing, put } from './steps.ts'

const log = logOf('test', 'error')

describe.each(natsVersions)('nats-server %s', async version => {
  const before = someSecrets()
  const nats = await natsWithUsers(version, before)

  /** A replica that publishes as fast as it can. */
  async function replicaOf(replica: string, secrets: Secret[]) {
    const connection = openNats(endpointOf('hook-evaluate', secrets, nats.url), 'hook-evaluate', log)
    onTestFinished(() => connection.close())
    const nc = await connection.opened
    const broken: string[] = []
    void (async () => {
      // A reload may tell clients anew which servers there are.
      for await (const { type } of nc.status()) if (!['ping', 'update'].includes(type)) broken.push(type)
    })()
    const { publish } = publisherOver(connection)
    const work = publishing(connection, async before => {
      await publish({ subject: 'deliveries.shop.a', payload: '{}', id: `${replica}-${before}` })
      return true
    })
    return { broken, ...work }
  }

  it('changes the passwords of all while events go through: none is refused, and none is lost', async () => {
    const watcher = openNats(endpointOf('watcher', before, nats.url), 'watcher', log)
    await ensureStreams(await watcher.opened, 1, log)

    const old = await replicaOf('old', before)
    await old.more(50)
    const moved = put(before, rotations.nats(before, drawing()).changed)
    // As a rollout does: the new one is there before the old one goes.
    const fresh = await replicaOf('fresh', moved)
    await Promise.all([old.more(50), fresh.more(50)])
    const byOld = await old.stop()
    await watcher.close()

    const after = put(moved, retirements.nats(moved, drawing()).changed)
    nats.learn(after)
    const comes = (secrets: Secret[]) =>
      connect({
        ...connectionOptions(endpointOf('hook-evaluate', secrets, nats.url), 'x'),
        reconnect: false,
        waitOnFirstConnect: false,
      })
        .then(nc => nc.close())
        .then(
          () => true,
          () => false,
        )
    await expect.poll(() => comes(before), { timeout: 20_000 }).toBe(false)
    await fresh.more(50)
    expect(await comes(after)).toBe(true)

    const seer = await connect({ ...connectionOptions(endpointOf('watcher', after, nats.url), 'watcher') })
    onTestFinished(() => seer.close())
    const sent = byOld + (await fresh.stop())
    const info = await seer.request('$JS.API.STREAM.INFO.deliveries')
    expect(info.json()).toMatchObject({ state: { messages: sent } })
    expect(old.broken.concat(fresh.broken).filter(type => type !== 'close')).toEqual([])
    expect(nats.complaints.filter(text => !/authentication error/i.test(text))).toEqual([])
  })
})
