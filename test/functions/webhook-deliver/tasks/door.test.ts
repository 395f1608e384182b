import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishHooks, revisionOf } from '../../../../shared/adapters/hooks.ts'
import { openNats } from '../../../../shared/adapters/nats.ts'
import { openRedis } from '../../../../shared/adapters/redis.ts'
import { ensureStreams } from '../../../../shared/adapters/streams.ts'
import type { Delivery } from '../../../../shared/delivery.ts'
import { Order } from '../../../../shared/orders.ts'
import { sealWith } from '../../../../shared/seal.ts'
import { quiet } from '../../../quiet.ts'
import { natsVersions, ownNats, ownRedis } from '../../../servers.ts'
import { startDoor } from '../../door.ts'
import { deliveryTo, taskHook } from './tasks.ts'

const key = Buffer.alloc(32, 7).toString('base64')
const seal = sealWith(key)
const crowd = 60

function hook(name: string, options: Record<string, string> = {}) {
  const given = { taskRef: name, 'variables.node': '{{data.node}}', ...options }
  const destination = { url: '', options: given, additional: '' }
  return taskHook(name, seal.close(JSON.stringify(destination), `ops/${name}`))
}
const hooks = [
  hook('remedy', { maxPerHour: '3600' }),
  hook('crowd', { maxPerHour: String(crowd) }),
  hook('few', { maxPerHour: '2' }),
  ...['away', 'full', 'alone'].map(name => hook(name, { maxPerHour: '1' })),
]

describe.each(natsVersions)('a hook of type task, on NATS %s', async version => {
  const [server, redisServer] = await Promise.all([ownNats(version), ownRedis()])
  const nats = openNats(server.url, 'test', quiet)
  const redis = openRedis(redisServer.url, quiet)
  const environment = {
    ...{ EVENT_ENDPOINT: server.url, REDIS_URL: redisServer.url, HOOK_SEAL_KEY: key, LOG_LEVEL: 'warn' },
  }
  const start = () => startDoor('webhook-deliver', { env: environment })
  let door: Awaited<ReturnType<typeof start>>

  beforeAll(async () => {
    await ensureStreams(await nats.opened, 1, quiet)
    await publishHooks(nats, redis, { revision: revisionOf(hooks), hooks }, quiet)
    door = await start()
  })
  afterAll(async () => {
    await door.stop()
    await Promise.all([nats.close(), redis.close()])
  })

  /** The orders for a Task that lie in the stream. */
  async function ordersOf(taskRef: string): Promise<Extract<Order, { order: 'create' }>[]> {
    const jsm = await jetstreamManager(await nats.opened)
    const { state } = await jsm.streams.info('runs')
    const orders: Extract<Order, { order: 'create' }>[] = []
    if (state.messages === 0) return orders
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await jsm.streams.getMessage('runs', { seq })
      const order = message && Order.parse(message.json<{ data: unknown }>().data)
      if (order?.order === 'create' && order.taskRef === taskRef) orders.push(order)
    }
    return orders
  }
  const rowOf = async (delivery: Delivery) => (await door.batch([delivery])).rows[0]

  it('orders a run, once however often the delivery comes, and counts as delivered', async () => {
    const node = `'"$(touch x)\`;\n{{ hook.name }}`
    const delivery = deliveryTo('remedy', 1, { data: { node }, hops: 1, via: 'ops/before' })
    expect(await rowOf(delivery)).toMatchObject({ status: 200, tally: { 'ops/remedy': { delivered: 1 } } })
    // On a busy machine Redis may be late, and is done without for a second.
    const again = { ...delivery, attempt: 2 }
    await expect.poll(() => rowOf(again)).toMatchObject({ status: 200, recalled: true })
    // As after an hour, or where Redis has forgotten.
    await redis.forget(`ops-events:sent:${delivery.deliveryid}`)
    expect((await door.single(delivery)).status).toBe(200)
    expect(await ordersOf('remedy')).toEqual([
      {
        ...{
          order: 'create',
          kind: 'TaskRun',
          namespace: 'ops',
          name: 'remedy-00000001ab',
          taskRef: 'remedy',
        },
        ...{ variables: { node }, hook: 'remedy' },
        lineage: { causationid: 'event-1', hops: 2, via: 'ops/before ops/remedy' },
      },
    ])
  })

  it('starts each once when the process is killed, and counts none twice', async () => {
    const all = Array.from({ length: crowd }, (_, n) =>
      deliveryTo('crowd', 100 + n, { subject: `ops.clusters.c1.nodes.n${n}.events` }),
    )
    const answered = door.batch(all).catch(() => undefined)
    await expect.poll(async () => (await ordersOf('crowd')).length, { interval: 1 }).toBeGreaterThan(0)
    await door.kill()
    await answered
    door = await start()
    const { rows } = await door.batch(all)
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set([200]))
    const names = (await ordersOf('crowd')).map(({ name }) => name)
    expect(names).toHaveLength(crowd)
    expect(new Set(names).size).toBe(crowd)
    let next = 900
    await expect
      .poll(() => rowOf(deliveryTo('crowd', next++)))
      .toMatchObject({
        status: 422,
        reason: expect.stringContaining('60 runs of Task "crowd"'),
      })
  })

  it('starts no more in an hour than it may, and says when the next is possible', async () => {
    const [first, second, third] = [200, 201, 202].map(n => deliveryTo('few', n))
    if (!first || !second || !third) throw new Error('three')
    expect([await rowOf(first), await rowOf(second)]).toMatchObject([{ status: 200 }, { status: 200 }])
    const refused = await rowOf(third)
    expect(refused).toMatchObject({
      status: 422,
      reason: expect.stringMatching(
        /^Hook "ops\/few": it has started 2 runs of Task "few" within an hour, .* the next at \d{4}-.*Z$/,
      ),
    })
    const next = Date.parse(refused?.reason?.split(' at ')[1] ?? '')
    expect(next - Date.now()).toBeGreaterThan(3_000_000)
    expect(next - Date.now()).toBeLessThanOrEqual(3_600_000)
    await redis.forget(`ops-events:sent:${first.deliveryid}`)
    expect(await rowOf(first)).toMatchObject({ status: 200 })
  })

  it('waits for a stream that is full, with its place kept', async () => {
    const jsm = await jetstreamManager(await nats.opened)
    const { config, state } = await jsm.streams.info('runs')
    await jsm.streams.update('runs', { ...config, max_msgs: state.messages })
    const delivery = deliveryTo('full', 300)
    expect(await rowOf(delivery)).toMatchObject({
      status: 503,
      reason: expect.stringMatching(/JetStream is full/),
    })
    await jsm.streams.update('runs', { ...config, max_msgs: -1 })
    expect(await rowOf({ ...delivery, attempt: 2 })).toMatchObject({ status: 200 })
    expect(await rowOf(deliveryTo('full', 301))).toMatchObject({ status: 422 })
  })

  it('waits for a bus that is away, with its place kept', async () => {
    await server.kill()
    const delivery = deliveryTo('away', 400)
    expect(await rowOf(delivery)).toMatchObject({ status: 503 })
    await server.restart()
    await expect.poll(() => rowOf(delivery), { timeout: 20_000 }).toMatchObject({ status: 200 })
    // This test's own connection may take a while to come back.
    await expect.poll(() => ordersOf('away'), { timeout: 20_000 }).toHaveLength(1)
  })

  it('is bounded without Redis too', async () => {
    await redisServer.kill()
    expect(await rowOf(deliveryTo('alone', 500))).toMatchObject({ status: 200 })
    expect(await rowOf(deliveryTo('alone', 501))).toMatchObject({ status: 422 })
  })
})
