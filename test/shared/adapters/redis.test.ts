import { afterAll, describe, expect, it } from 'vitest'
import { openRedis } from '../../../shared/adapters/redis.ts'
import { ownRedis, sharedRedis } from '../../servers.ts'

const warned: string[] = []
const log = { debug() {}, info() {}, warn: (_: object, message: string) => warned.push(message), error() {} }

/** How long a call takes, in milliseconds, and what it answers. */
async function timed<T>(call: () => Promise<T>) {
  const began = performance.now()
  const answer = await call()
  return { answer, took: performance.now() - began }
}

describe('openRedis()', () => {
  const redis = openRedis(sharedRedis(), log)
  afterAll(() => redis.close())

  it('keeps values and says which keys are there, in their order', async () => {
    const absent = await redis.has(['redis-test:a', 'redis-test:b'])
    expect(absent).toEqual([false, false])
    expect(
      await redis.put(
        [
          ['redis-test:a', 'ä'],
          ['redis-test:c', ''],
        ],
        60,
      ),
    ).toBe(true)
    expect(await redis.has(['redis-test:a', 'redis-test:b', 'redis-test:c'])).toEqual([true, false, true])
    expect(await redis.get('redis-test:a')).toBe('ä')
    expect(await redis.get('redis-test:b')).toBeUndefined()
  })

  it('lets go of a value when its time is over', async () => {
    await redis.put([['redis-test:short', '1']], 1)
    expect(await redis.has(['redis-test:short'])).toEqual([true])
    await expect.poll(() => redis.has(['redis-test:short']), { timeout: 20_000 }).toEqual([false])
  })

  it('asks for nothing when there is nothing to ask', async () => {
    expect(await redis.has([])).toEqual([])
    expect(await redis.put([], 60)).toBe(true)
    expect(await redis.mark([], 60)).toBe(true)
  })

  it('reads many at once, in their order', async () => {
    await redis.put([['redis-test:r', 'x']], 60)
    expect(await redis.read(['redis-test:q', 'redis-test:r'])).toEqual([undefined, 'x'])
    expect(await redis.read([])).toEqual([])
  })

  it('gives a key to the first who claims it, until it is forgotten or its time is over', async () => {
    expect(await redis.claim('redis-test:claim', 60_000)).toBe(true)
    expect(await redis.claim('redis-test:claim', 60_000)).toBe(false)
    expect(await redis.forget('redis-test:claim')).toBe(true)
    expect(await redis.claim('redis-test:claim', 50)).toBe(true)
    await expect.poll(() => redis.claim('redis-test:claim', 60_000)).toBe(true)
  })

  it('runs scripts, and says nothing about one that fails', async () => {
    expect(await redis.run('return { ARGV[1], #KEYS }', ['ü'])).toEqual(['ü', 0])
    const broken = openRedis(sharedRedis(), log)
    expect(await broken.run('return nothing.at.all', [])).toBeUndefined()
    await broken.close()
  })

  it('marks keys of which only that they are there counts', async () => {
    expect(await redis.mark(['redis-test:m', 'redis-test:n'], 60)).toBe(true)
    expect(await redis.has(['redis-test:m', 'redis-test:o', 'redis-test:n'])).toEqual([true, false, true])
  })
})

describe.each(['SIGSTOP', 'SIGKILL'] as const)('openRedis() when Redis gets %s', async signal => {
  const server = await ownRedis()
  const redis = openRedis(server.url, log)
  afterAll(() => redis.close())
  const asks = {
    get: () => redis.get('a'),
    has: () => redis.has(['a', 'b']),
    put: () => redis.put([['a', '1']], 60),
    read: () => redis.read(['a']),
    claim: () => redis.claim('b', 60_000),
    forget: () => redis.forget('c'),
  }

  it('answers soon as if the key were not there, says so once, and comes back by itself', async () => {
    expect(await redis.put([['a', '1']], 60)).toBe(true)
    warned.length = 0
    await server.kill(signal)
    for (const [ask, answer] of [
      ['get', undefined],
      ['has', [false, false]],
      ['put', false],
      ['read', undefined],
      ['claim', undefined],
      ['forget', false],
    ] as const) {
      const { answer: got, took } = await timed<unknown>(asks[ask])
      expect(got, ask).toEqual(answer)
      expect(took, ask).toBeLessThan(10_000)
    }
    expect(warned).toEqual(['Redis is away: going on without it'])

    if (signal === 'SIGSTOP') await server.kill('SIGCONT')
    else await server.restart()
    await expect.poll(() => redis.put([['a', '1']], 60), { timeout: 60_000 }).toBe(true)
    expect(await redis.get('a')).toBe('1')
  })
})

describe('openRedis() where there is none', () => {
  it('answers all the same', async () => {
    const redis = openRedis('redis://127.0.0.1:1', log)
    const { answer, took } = await timed(() => redis.has(['a']))
    expect(answer).toEqual([false])
    expect(took).toBeLessThan(10_000)
    await redis.close()
  })
})
