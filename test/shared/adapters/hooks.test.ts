import { Kvm } from '@nats-io/kv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hookReader, publishHooks, revisionOf, watchHooks } from '../../../shared/adapters/hooks.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { openRedis } from '../../../shared/adapters/redis.ts'
import { ensureStreams } from '../../../shared/adapters/streams.ts'
import { type CompiledHook, compiledShape, type HookSet } from '../../../shared/hookset.ts'
import { compiledHook } from '../../compiled-hook.ts'
import { quiet as log } from '../../quiet.ts'
import { natsVersions, ownNats, ownRedis } from '../../servers.ts'

const hook = (n: number, revision = 'r1'): CompiledHook =>
  compiledHook(`ops-system/h${n}`, { revision, include: ['ä "quoted" word'], sealed: 'x'.repeat(200) })
const setOf = (count: number, revision?: string): HookSet => {
  const hooks = Array.from({ length: count }, (_, n) => hook(n, revision))
  return { revision: revisionOf(hooks), hooks }
}

describe.each(natsVersions)('the hooks in force, on NATS %s', async version => {
  const [server, redisServer] = await Promise.all([ownNats(version), ownRedis()])
  const nats = openNats(server.url, 'hooks-test', log)
  const redis = openRedis(redisServer.url, log)
  const none = { ...redis, get: async () => undefined, put: async () => false }
  beforeAll(async () => ensureStreams(await nats.opened, 1, log))
  afterAll(() => Promise.all([nats.close(), redis.close()]))

  const put = (set: HookSet) => publishHooks(nats, redis, set, log)

  it('are none before the first set', async () => {
    await expect(hookReader(nats, redis, log).current()).rejects.toThrow('No hooks are compiled yet')
  })

  it.each([0, 1, 3_000])('are read as they were put, %i of them', async count => {
    const set = setOf(count, `of-${count}`)
    await put(set)
    expect(await hookReader(nats, redis, log).current()).toEqual(set)
    expect(await hookReader(nats, none, log).current(), 'without Redis').toEqual(set)
  })

  it('are read from the bus where somebody else has written into Redis under their name', async () => {
    const set = setOf(2, 'spoilt')
    await put(set)
    const key = `ops-events:hooks:${compiledShape}:${set.revision}`
    const kept = (await redis.get(key)) ?? ''
    expect(kept).toContain('"include":["ä')
    for (const text of ['{', '[]', '', kept.replace('ops.>', 'ops.x'), `${kept}\n[]`]) {
      await redis.put([[key, text]], 60)
      expect(await hookReader(nats, redis, log).current()).toEqual(set)
      expect(await redis.get(key), 'what is right is there again').toBe(kept)
    }
  })

  it('are asked for at most once a second, and the same until they change', async () => {
    let time = 0
    const { current } = hookReader(nats, redis, log, () => time)
    await put(setOf(1, 'old'))
    const old = await current()
    await put(setOf(1, 'new'))
    time = 999
    expect(await current()).toBe(old)
    time = 1_000
    expect(await current()).toEqual(setOf(1, 'new'))
    const renewed = await current()
    time = 2_500
    expect(await current()).toBe(renewed)
  })

  it('leave nothing behind but what the set before needs', async () => {
    for (const revision of ['a', 'b', 'c', 'd']) await put(setOf(1, revision))
    const kv = await new Kvm(await nats.opened).open('hooks')
    const keys = []
    for await (const key of await kv.keys()) keys.push(key)
    expect(keys.filter(key => key.startsWith('part.'))).toHaveLength(2)
  })

  it('are told to who watches, at once and at every change', async () => {
    await put(setOf(1, 'seen'))
    const told: string[] = []
    const stop = await watchHooks(nats, ({ revision }) => told.push(revision), log)
    expect(told).toEqual([setOf(1, 'seen').revision])
    await put(setOf(1, 'changed'))
    await expect
      .poll(() => told, { timeout: 20_000 })
      .toEqual([setOf(1, 'seen'), setOf(1, 'changed')].map(s => s.revision))
    stop()
  })

  it('are there for a process that has only just begun to connect', async () => {
    const starting = openNats(server.url, 'hooks-test-starting', log)
    expect(starting.up()).toBeUndefined()
    expect(await hookReader(starting, redis, log).current()).toEqual(setOf(1, 'changed'))
    await starting.close()
  })

  it('stay in force while the bus is away', async () => {
    let time = 0
    const { current } = hookReader(nats, redis, log, () => time)
    const known = await current()
    await server.kill()
    await expect.poll(() => nats.up()).toBeUndefined()
    time = 5_000
    expect(await current()).toBe(known)
    await expect(hookReader(nats, redis, log).current()).rejects.toThrow('NATS is away')
  })
})
