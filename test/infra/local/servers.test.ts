import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { describe, expect, test } from 'vitest'
import { natsVersions, ownNats, ownRedis, sharedNats, sharedRedis } from '../../servers.ts'

describe.each(natsVersions)('a NATS server, version %s,', async version => {
  const nats = await ownNats(version)

  test('runs again on the same port with what was stored, after a kill -9', async () => {
    const before = nats.pid
    const first = await connect({ servers: nats.url, reconnect: false })
    const manager = await jetstreamManager(first)
    await manager.streams.add({ name: 'kept', subjects: ['kept.>'] })
    await jetstream(first).publish('kept.one', 'text')
    await nats.kill()
    await nats.restart()
    expect(nats.pid).not.toBe(before)
    const second = await connect({ servers: nats.url })
    const { state } = await (await jetstreamManager(second)).streams.info('kept')
    expect(state.messages).toBe(1)
    const asked = version === 'current' ? process.env.NATS_SERVER_VERSION : version
    if (asked) expect(second.info?.version).toBe(asked)
    await second.close()
  })

  test('has a monitor', async () => {
    expect((await fetch(`${nats.monitor}/healthz`)).status).toBe(200)
  })
})

test('a Redis of its own has another port than the shared one', async () => {
  expect(sharedRedis()).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/)
  expect(sharedNats()).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/)
  expect(redis.url).not.toBe(sharedRedis())
})

const redis = await ownRedis()
