import { jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishHooks, revisionOf } from '../../../shared/adapters/hooks.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { publisherOver } from '../../../shared/adapters/publisher.ts'
import { openRedis } from '../../../shared/adapters/redis.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import { compiledHook } from '../../compiled-hook.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats, ownRedis } from '../../servers.ts'
import { hosts, startDoor } from '../door.ts'

const hook = (name: string, about: Partial<CompiledHook>) =>
  compiledHook(`ops-system/${name}`, { subject: 'ops.clusters.*.nodes.*.events', ...about })
const hooks = [
  hook('disable', { include: ['10005'] }),
  hook('convert', { include: ['NotReady'], type: 'event', target: 'alerts' }),
]

const event = (id: string, message: string): OpsEvent => ({
  specversion: '1.0',
  id,
  source: 'https://example.com/cluster',
  type: 'Kube',
  subject: 'ops.clusters.c1.nodes.n1.events',
  data: { reason: 'Test', message },
})

describe.each([
  ...hosts.map(host => ({ host, version: natsVersions[0] })),
  { host: hosts[0], version: natsVersions[1] },
])('hook-evaluate under $host, on NATS $version', async ({ host, version }) => {
  const [server, redisServer] = await Promise.all([ownNats(version), ownRedis()])
  const nats = openNats(server.url, 'hook-evaluate-test', log)
  const redis = openRedis(redisServer.url, log)
  const put = (set: CompiledHook[]) =>
    publishHooks(nats, redis, { revision: revisionOf(set), hooks: set }, log)
  let door: Awaited<ReturnType<typeof startDoor>>

  beforeAll(async () => {
    await ensureStreams(await nats.opened, 1, log)
    await put(hooks)
    door = await startDoor('hook-evaluate', {
      host,
      env: { EVENT_ENDPOINT: server.url, REDIS_URL: redisServer.url },
    })
  })
  afterAll(async () => {
    await door.stop()
    await Promise.all([nats.close(), redis.close()])
  })

  /** What lies in a stream, oldest first. */
  async function stored(stream: string): Promise<{ subject: string; event: OpsEvent }[]> {
    const { streams } = await jetstreamManager(await nats.opened)
    const { state } = await streams.info(stream)
    const seqs = Array.from({ length: state.messages }, (_, at) => state.first_seq + at)
    const messages = await Promise.all(seqs.map(seq => streams.getMessage(stream, { seq })))
    return messages.flatMap(message =>
      message ? [{ subject: message.subject, event: message.json<OpsEvent>() }] : [],
    )
  }

  it('publishes what hooks make of a batch, and answers row by row', async () => {
    const { status, rows } = await door.batch([
      event('e1', 'code 10005'),
      { specversion: '1.0', id: 'poison' },
      event('e2', 'NotReady and 10005'),
      event('e3', 'nothing'),
    ])
    expect(status).toBe(200)
    expect(rows.map(row => row.status)).toEqual([200, 422, 200, 200])
    expect(rows[1]?.reason).toMatch(/^It is no CloudEvent: attribute "source" is missing/)

    const deliveries = await stored('deliveries')
    expect(deliveries.map(({ subject, event }) => [subject, event.id, event.hook])).toEqual([
      ['deliveries.ops-system.disable', 'e1', 'ops-system/disable'],
      ['deliveries.ops-system.disable', 'e2', 'ops-system/disable'],
    ])
    const made = await stored('ops')
    expect(made).toMatchObject([
      {
        subject: 'ops.clusters.c1.nodes.n1.alerts',
        event: { causationid: 'e2', hops: 1, via: 'ops-system/convert', type: 'Kube' },
      },
    ])
  })

  it('publishes nothing for what it has finished, whatever the mode it comes in', async () => {
    expect((await door.batch([event('e1', 'code 10005')])).rows).toMatchObject([{ status: 200 }])
    expect((await door.single(event('e2', 'NotReady and 10005'))).status).toBe(200)
    expect(await stored('deliveries')).toHaveLength(2)
  })

  it('judges by a new set soon', async () => {
    await put([hook('late', { include: ['fresh'] })])
    let turn = 0
    await expect
      .poll(
        async () => {
          await door.single(event(`late-${turn++}`, 'fresh'))
          return (await stored('deliveries')).at(-1)?.subject
        },
        { timeout: 20_000, interval: 100 },
      )
      .toBe('deliveries.ops-system.late')
  })

  it('refuses a wrong token and another method', async () => {
    expect((await door.batch([], { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await door.post('', {}, 'GET')).status).toBe(405)
  })

  it('goes on without Redis', async () => {
    await redisServer.kill()
    const before = (await stored('deliveries')).length
    expect((await door.batch([event('e9', 'fresh')])).rows).toMatchObject([{ status: 200 }])
    expect(await stored('deliveries')).toHaveLength(before + 1)
  })
})

describe.each(natsVersions)('noise control behind a bridge, on NATS %s', async version => {
  const [server, redisServer] = await Promise.all([ownNats(version), ownRedis()])
  const nats = openNats(server.url, 'hook-evaluate-test', log)
  const redis = openRedis(redisServer.url, log)
  const doors: Awaited<ReturnType<typeof startDoor>>[] = []

  beforeAll(async () => {
    await ensureStreams(await nats.opened, 1, log)
    const set = [
      hook('held', { dedup: { window: 2_000, key: ['subject', 'reason'] } }),
      hook('resolve', { include: ['NodeNotReady'], resolve: true }),
    ]
    await publishHooks(nats, redis, { revision: revisionOf(set), hooks: set }, log)
    const env = { EVENT_ENDPOINT: server.url, REDIS_URL: redisServer.url, EVENT_CLUSTER: 'c1' }
    const evaluate = await startDoor('hook-evaluate', { env })
    doors.push(evaluate, await startDoor('bridge', { env: { ...env, HOOK_EVALUATE_URL: evaluate.url } }))
  })
  afterAll(async () => {
    for (const door of doors.reverse()) await door.stop()
    await Promise.all([nats.close(), redis.close()])
  })

  it('tells the end of a window though nobody was awake, and the end of a trouble', async () => {
    const { publish } = publisherOver(nats)
    const about = (id: string, reason: string): OpsEvent => ({
      ...event(id, ''),
      data: { kind: 'Node', name: 'n1', reason },
    })
    const events = [about('e1', 'NodeNotReady'), about('e2', 'NodeNotReady'), about('e3', 'NodeReady')]
    for (const one of events)
      await publish({ subject: one.subject ?? '', payload: JSON.stringify(one), id: `${version} ${one.id}` })
    const { streams } = await jetstreamManager(await nats.opened)
    const told = async () => {
      const { state } = await streams.info('deliveries')
      const seqs = Array.from({ length: state.messages }, (_, at) => state.first_seq + at)
      const messages = await Promise.all(seqs.map(seq => streams.getMessage('deliveries', { seq })))
      return messages.map(message => {
        const told = message?.json<OpsEvent>()
        return [told?.hook, told?.id, told?.notice, told?.held].filter(part => part !== undefined).join(' ')
      })
    }
    await expect
      .poll(async () => (await told()).sort(), { timeout: 15_000, interval: 200 })
      .toEqual([
        'ops-system/held e1',
        'ops-system/held e2 held 1',
        'ops-system/held e3',
        'ops-system/resolve e1',
        'ops-system/resolve e2',
        'ops-system/resolve e3 resolved',
      ])
    const { state } = await streams.info('retries')
    await expect.poll(async () => (await streams.info('retries')).state.messages, { timeout: 5_000 }).toBe(0)
    expect(state.last_seq).toBe(1)
  })
})

describe('hook-evaluate without hooks', async () => {
  const server = await ownNats()

  it('has events wait, as not attempted, and starts with what it needs or not at all', async () => {
    const nats = openNats(server.url, 'hook-evaluate-test', log)
    await ensureStreams(await nats.opened, 1, log)
    const env = { EVENT_ENDPOINT: server.url, REDIS_URL: 'redis://127.0.0.1:1' }
    const door = await startDoor('hook-evaluate', { env })
    const { rows } = await door.batch([event('e1', 'x')])
    expect(rows).toMatchObject([
      { status: 503, attempted: false, reason: expect.stringContaining('No hooks are compiled yet') },
    ])
    await door.stop(30_000)
    expect(await door.exited).toBe('code 0')
    await nats.close()
  })
})
