import { describe, expect, it, vi } from 'vitest'
import { ownNats, sharedRedis } from '../../servers.ts'
import { hosts } from '../door.ts'
import { openApi, openBus, Page } from './rig.ts'

describe.each(hosts)('ops-api under %s', async host => {
  const nats = await ownNats()
  const bus = await openBus(nats.url)
  const api = await openApi({ nats: nats.url, redis: sharedRedis() }, { host })

  it('answers', async () => {
    const seq = await bus.buryDelivery('shop/a')
    expect((await api.ask('GET', '/deadletters', { as: Page })).data.list).toMatchObject([
      { id: String(seq) },
    ])
    expect(await api.ask('POST', '/deadletters/replay', { body: { all: true } })).toMatchObject({
      status: 200,
      data: { counts: { refused: 1 } },
    })
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200)
  })
})

it('answers 503 while NATS is away, and goes on when it is back', async () => {
  const nats = await ownNats()
  await openBus(nats.url)
  const api = await openApi({ nats: nats.url, redis: 'redis://127.0.0.1:1' })
  await nats.kill()
  const answered = await vi.waitFor(
    async () => {
      const asked = await api.ask('GET', '/deadletters')
      expect(asked.status).toBe(503)
      return asked
    },
    { timeout: 15_000 },
  )
  expect(answered.message).toBe('NATS is away: ask again later')
  expect(answered.headers.get('retry-after')).toBe('1')
  await nats.restart()
  await vi.waitFor(async () => expect((await api.ask('GET', '/deadletters')).status).toBe(200), {
    timeout: 15_000,
  })
})

it('lets a token ask only so often', async () => {
  const nats = await ownNats()
  await openBus(nats.url)
  const api = await openApi({ nats: nats.url, redis: sharedRedis() }, { env: { API_RATE: '1' } })
  const answers = await Promise.all(Array.from({ length: 20 }, () => api.ask('GET', '/silences')))
  const late = answers.find(({ status }) => status === 429)
  expect(late?.headers.get('retry-after')).toBe('1')
  expect(late?.message).toContain('Token "default" asks more often than it may')
})
