import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openNats } from '../../../shared/adapters/nats.ts'
import { putSilences, silenceReader } from '../../../shared/adapters/silences.ts'
import { SilenceSpec } from '../../../shared/silence.ts'
import { quiet } from '../../quiet.ts'
import { natsVersions, ownNats, sharedRedis } from '../../servers.ts'
import { openApi, openBus } from './rig.ts'

const Shown = z.object({
  id: z.string(),
  from: z.enum(['resource', 'api']),
  state: z.enum(['active', 'pending', 'expired']),
  until: z.string().optional(),
  next: z.string().optional(),
  silenced: z.number(),
  spec: SilenceSpec,
})
const List = z.object({ list: z.array(Shown), total: z.number() })
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

describe.each(natsVersions)('silences over nats-server %s', async version => {
  const server = await ownNats(version)
  await openBus(server.url)
  const api = await openApi({ nats: server.url, redis: sharedRedis() }, { env: { ACTIVE_NAMESPACE: 'ops' } })
  const redis = new Redis(sharedRedis())
  const nats = openNats(server.url, 'test', quiet)
  await nats.opened
  afterAll(() => Promise.all([nats.close(), redis.quit()]))
  // Asked anew each time: what it reads is what hook-evaluate does.
  const inForce = async () => (await silenceReader(nats, quiet).current()).map(({ id }) => id)

  const make = (body: object) => api.ask('POST', '/silences', { body, as: Shown.optional() })
  const get = (id: string) => api.ask('GET', `/silences/${id}`, { as: Shown.optional() })
  const change = (id: string, body: object) =>
    api.ask('PUT', `/silences/${id}`, { body, as: Shown.optional() })
  const end = (id: string) => api.ask('DELETE', `/silences/${id}`, { as: Shown.optional() })

  it('are made, changed, ended and taken away', async () => {
    const made = await make({ name: 'night', subject: 'ops.*.a.>', until: inHours(2), comment: 'moving' })
    expect(made).toMatchObject({
      status: 201,
      data: { id: 'ops/night', from: 'api', state: 'active', spec: { author: 'default', comment: 'moving' } },
    })
    expect(await inForce()).toEqual(['ops/night'])
    expect(await make({ name: 'night', until: inHours(2) })).toMatchObject({
      status: 409,
      message: expect.stringContaining('There is a silence "ops/night" already'),
    })
    const until = inHours(3)
    expect(await change('ops/night', { until, author: 'me' })).toMatchObject({
      status: 200,
      data: { until, spec: { subject: 'ops.>', author: 'me' } },
    })
    expect(await end('ops/night')).toMatchObject({ status: 200, data: { state: 'expired' } })
    expect((await get('ops/night')).data).toMatchObject({ state: 'expired', spec: { author: 'me' } })
    expect((await end('ops/night')).status).toBe(200)
    expect((await get('ops/night')).status).toBe(404)
    expect(await inForce()).toEqual([])
  })

  it('that are over already are not made', async () => {
    const until = inHours(-1)
    expect(await make({ name: 'late', until })).toMatchObject({
      status: 422,
      message: `Cannot read the body: until: it is "${until}", which is past`,
    })
    expect((await get('ops/late')).status).toBe(404)
  })

  it('that have not begun leave nothing behind when they are ended', async () => {
    const made = await make({ from: inHours(1), until: inHours(2) })
    expect(made.data).toMatchObject({
      id: expect.stringMatching(/^ops\/silence-[0-9a-f]{8}$/),
      state: 'pending',
    })
    const { id = '' } = made.data ?? {}
    expect((await end(id)).status).toBe(200)
    expect((await get(id)).status).toBe(404)
  })

  it('of resources are shown, and changed where they come from', async () => {
    const spec = SilenceSpec.parse({ schedule: { cron: '0 22 * * 6', duration: '2h' } })
    await putSilences(nats, [{ id: 'shop/weekly', namespace: 'shop', name: 'weekly', spec }])
    const shown = await get('shop/weekly')
    expect(shown.data).toMatchObject({ from: 'resource', spec: { schedule: { cron: '0 22 * * 6' } } })
    for (const refused of [await change('shop/weekly', { until: inHours(1) }), await end('shop/weekly')]) {
      expect(refused).toMatchObject({
        status: 409,
        message: 'Silence "shop/weekly" comes from a file of resources: change it there',
      })
    }
    expect((await make({ namespace: 'shop', name: 'weekly', until: inHours(1) })).status).toBe(409)
    await putSilences(nats, [])
    expect((await get('shop/weekly')).status).toBe(404)
  })

  it('are listed by state, and tell what they silenced', async () => {
    await make({ name: 'now', until: inHours(1) })
    await make({ name: 'later', from: inHours(1), until: inHours(2) })
    const list = async (query: string) => (await api.ask('GET', `/silences${query}`, { as: List })).data
    expect((await list('')).list.map(({ id }) => id)).toEqual(['ops/later', 'ops/now'])
    expect((await list('?state=pending')).list.map(({ id }) => id)).toEqual(['ops/later'])
    expect(await list('?page=2&page_size=1')).toMatchObject({ total: 2, list: [{ id: 'ops/now' }] })

    const key = 'ops-events:silenced:ops/now'
    await redis.del(key)
    await redis.set(`${key}:count`, '120')
    await redis.lpush(key, ...Array.from({ length: 120 }, (_, n) => JSON.stringify({ id: `e${n}` })))
    expect((await get('ops/now')).data?.silenced).toBe(120)
    const { data } = await api.ask('GET', '/silences/ops/now/silenced', {
      as: z.object({ list: z.array(z.object({ id: z.string() })) }),
    })
    expect(data.list).toHaveLength(100)
    expect(data.list[0]).toEqual({ id: 'e119' })
    await redis.del(key, `${key}:count`)
  })
})
