import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { memoryWindows } from '../../../../functions/hook-evaluate/windows/memory.ts'
import { mirroredWindows } from '../../../../functions/hook-evaluate/windows/mirrored.ts'
import { redisWindows } from '../../../../functions/hook-evaluate/windows/redis.ts'
import type { End, Request, Verdict, Windows } from '../../../../functions/hook-evaluate/windows/windows.ts'
import { ownRedis, sharedRedis } from '../../../servers.ts'
import { patientRedis } from '../patient.ts'

const redis = patientRedis(sharedRedis())
afterAll(() => redis.close())
const noon = Date.parse('2026-01-31T12:00:00Z')
const [second, minute] = [1_000, 60_000]

const inMemory = (): Windows => {
  const { judge, settle, end } = memoryWindows()
  return {
    judge: async (requests, now) => judge(requests, now),
    settle: async deeds => settle(deeds),
    end: async (window, by) => end(window, by),
  }
}

function inRedis(): Windows {
  const { judge, settle, end } = redisWindows(redis.run)
  return {
    judge: async (requests, now) => (await judge(requests, now)) ?? [],
    settle,
    end: async (window, by) => (await end(window, by)) ?? { kind: 'forgotten' },
  }
}

const made: [string, () => Windows][] = [
  ['Redis', inRedis],
  ['memory', inMemory],
  ['Redis and its mirror', () => mirroredWindows(redis.run)],
  ['the mirror alone', () => mirroredWindows(async () => undefined)],
]

describe.each(made)('windows in %s', (_, open) => {
  /** Each story has hooks and keys of its own. */
  function story(asked: { dedup?: number; threshold?: [count: number, window: number]; limit?: number }) {
    const windows = open()
    const hook = `ops-system/${randomUUID()}`
    const key = randomUUID()
    const request = (
      event: string,
      more: { key?: string; weight?: number; reason?: string; name?: string } = {},
    ) => {
      const made: Request = { event, hook }
      if (asked.dedup) made.dedup = { key: more.key ?? key, window: asked.dedup, text: `{"id":"${event}"}` }
      if (asked.threshold) {
        const [count, window] = asked.threshold
        made.threshold = { group: more.key ?? key, count, window, weight: more.weight ?? 1 }
      }
      if (asked.limit !== undefined)
        made.storm = { limit: asked.limit, reason: more.reason ?? 'BackOff', name: more.name ?? 'web' }
      return made
    }
    return {
      windows,
      key,
      hook,
      request,
      async at(now: number, ...requests: (string | Request)[]) {
        const asks = requests.map(one => (typeof one === 'string' ? request(one) : one))
        return (await windows.judge(asks, noon + now)).map(inShort)
      },
      went: (event: string, now = 0) => windows.settle([{ kind: 'went', event, key }], noon + now),
      freed: (event: string, now = 0) => windows.settle([{ kind: 'freed', event, hook, key }], noon + now),
      ended: (start: number, by = 'end'): Promise<End> =>
        windows.end({ kind: 'dedup', key, start: noon + start }, by),
      minute: (start: number): Promise<End> =>
        windows.end({ kind: 'storm', key: hook, start: noon + start }, 'end'),
    }
  }

  function inShort(verdict: Verdict): string {
    switch (verdict.kind) {
      case 'goes':
        return verdict.held === 0
          ? 'goes'
          : `goes, ${verdict.held} since ${((verdict.since ?? 0) - noon) / second}`
      case 'threshold':
        return 'threshold'
      case 'held':
        return `${verdict.window.kind} of ${(verdict.window.start - noon) / second}${verdict.scheduled ? '' : ', not scheduled'}`
    }
  }

  describe('dedup', () => {
    it('lets the first go and holds the others, also within one batch, and each key apart', async () => {
      const { at, request } = story({ dedup: 10 * minute })
      expect(await at(0, 'a', 'b', request('c', { key: randomUUID() }))).toEqual([
        'goes',
        'dedup of 0, not scheduled',
        'goes',
      ])
      expect(await at(second, 'd')).toEqual(['dedup of 0, not scheduled'])
    })

    it('says the same again to the same event, and counts it once', async () => {
      const { at, went, ended } = story({ dedup: 10 * minute })
      await at(0, 'a', 'b')
      await went('a')
      expect(await at(minute, 'b', 'a', 'b')).toEqual([
        'dedup of 0, not scheduled',
        'goes',
        'dedup of 0, not scheduled',
      ])
      expect(await ended(0)).toMatchObject({ kind: 'held', count: 1, since: noon, last: '{"id":"b"}' })
    })

    it('tells with the next one after the window how many were held, and again when that one comes again', async () => {
      const { at, went } = story({ dedup: 10 * minute })
      await at(0, 'a')
      await went('a')
      await at(second, 'b')
      await at(2 * second, 'c')
      expect(await at(10 * minute, 'd')).toEqual(['goes, 2 since 1'])
      expect(await at(10 * minute + second, 'd', 'e')).toEqual([
        'goes, 2 since 1',
        'dedup of 600, not scheduled',
      ])
    })

    it('does not hand on what the one before it has told', async () => {
      const { at, went } = story({ dedup: minute })
      await at(0, 'a', 'b')
      await went('a')
      expect(await at(minute, 'c', 'd')).toEqual(['goes, 1 since 0', 'dedup of 60, not scheduled'])
      await went('c')
      expect(await at(2 * minute, 'e')).toEqual(['goes, 1 since 60'])
    })

    it('tells at its end, and then the next one begins a window that owes nothing', async () => {
      const { at, went, ended, windows, key } = story({ dedup: 10 * minute })
      await at(0, 'a', 'b', 'c')
      await went('a')
      const end = { kind: 'held', count: 2, since: noon, last: '{"id":"c"}', reasons: {}, names: [] }
      expect(await ended(0)).toEqual(end)
      expect(await ended(0), 'again after a crash').toEqual(end)
      await windows.settle([{ kind: 'told', window: { kind: 'dedup', key, start: noon }, by: 'end' }], noon)
      expect(await ended(0), 'told, and again after a crash').toEqual(end)
      expect(await ended(0, 'another')).toEqual({ kind: 'told' })
      expect(await at(10 * minute, 'd')).toEqual(['goes'])
    })

    it('lets whoever comes after the end was asked for begin anew, and owes what was not surely told', async () => {
      const { at, went, ended } = story({ dedup: 10 * minute })
      await at(0, 'a', 'b')
      await went('a')
      await ended(0)
      expect(await at(10 * minute - 1, 'c')).toEqual(['goes, 1 since 0'])
      expect(await ended(0)).toEqual({ kind: 'told' })
    })

    it('knows which windows have a message about their end', async () => {
      const { at, windows, key } = story({ dedup: minute })
      await at(0, 'a', 'b')
      const window = { kind: 'dedup' as const, key, start: noon }
      await windows.settle([{ kind: 'scheduled', window }], noon)
      expect(await at(second, 'c', 'b')).toEqual(['dedup of 0', 'dedup of 0'])
      expect(await at(minute, 'd', 'e', 'b')).toEqual([
        'goes, 2 since 0',
        'dedup of 60, not scheduled',
        'dedup of 0',
      ])
    })

    it('takes the window from an owner of whom nobody heard for a minute', async () => {
      const { at, went } = story({ dedup: 10 * minute })
      await at(0, 'a', 'b')
      expect(await at(59 * second, 'c')).toEqual(['dedup of 0, not scheduled'])
      expect(await at(60 * second, 'd', 'e')).toEqual(['goes, 2 since 0', 'dedup of 0, not scheduled'])
      await went('d')
      expect(await at(9 * minute, 'f')).toEqual(['dedup of 0, not scheduled'])
      expect(await at(10 * minute, 'g')).toEqual(['goes, 2 since 60'])
    })

    it('leaves it to one that went, and hands on what an owner should have told and never did', async () => {
      const { at, went } = story({ dedup: 10 * minute })
      await at(0, 'a', 'b')
      await went('a')
      expect(await at(10 * minute, 'c', 'd')).toEqual(['goes, 1 since 0', 'dedup of 600, not scheduled'])
      expect(await at(21 * minute, 'e')).toEqual(['goes, 2 since 0'])
    })

    it('gives it free when the owner can never go', async () => {
      const { at, freed } = story({ dedup: 10 * minute })
      await at(0, 'a', 'b')
      await freed('b')
      expect(await at(second, 'c'), 'b is not the owner').toEqual(['dedup of 0, not scheduled'])
      await freed('a')
      expect(await at(2 * second, 'd', 'a')).toEqual(['goes, 2 since 0', 'dedup of 0, not scheduled'])
    })

    it('begins anew when what the key stands for is over, and owes what it held', async () => {
      const { at, went, windows, key, ended } = story({ dedup: 10 * minute })
      await at(0, 'a', 'b')
      await went('a')
      await windows.settle(
        [
          { kind: 'over', key },
          { kind: 'over', key: randomUUID() },
        ],
        noon,
      )
      expect(await at(minute, 'c', 'd')).toEqual(['goes, 1 since 0', 'dedup of 60, not scheduled'])
      expect(await ended(0)).toEqual({ kind: 'told' })
    })

    it('has forgotten what it never knew, also when the key has another window by now', async () => {
      const { ended, at, went } = story({ dedup: minute })
      expect(await ended(0)).toEqual({ kind: 'forgotten' })
      await at(2 * minute, 'a')
      await went('a')
      expect(await ended(0)).toEqual({ kind: 'forgotten' })
      await at(4 * minute, 'b')
      expect(await ended(2 * minute)).toEqual({ kind: 'told' })
    })
  })

  describe('threshold', () => {
    it('fires when so many came within the window, and then counts anew, each group apart', async () => {
      const { at, request } = story({ threshold: [3, 5 * minute] })
      const other = request('x', { key: randomUUID() })
      expect(await at(0, 'a', 'b', other, 'c', 'd')).toEqual([
        'threshold',
        'threshold',
        'threshold',
        'goes',
        'threshold',
      ])
      expect(await at(minute, 'e', 'f')).toEqual(['threshold', 'goes'])
    })

    it('forgets what is older than its window', async () => {
      const { at } = story({ threshold: [3, 5 * minute] })
      await at(0, 'a')
      await at(4 * minute, 'b')
      expect(await at(5 * minute + 10 * second, 'c')).toEqual(['threshold'])
      expect(await at(8 * minute, 'd')).toEqual(['goes'])
    })

    it('counts how often it happened', async () => {
      const { at, request } = story({ threshold: [10, minute] })
      expect(await at(0, request('a', { weight: 9 }), 'b', request('c', { weight: 50 }))).toEqual([
        'threshold',
        'goes',
        'goes',
      ])
    })

    it('counts an event that comes again once, and one that made it fire fires again', async () => {
      const { at } = story({ threshold: [3, 5 * minute] })
      expect(await at(0, 'a', 'a', 'a', 'b', 'c')).toEqual([...Array(4).fill('threshold'), 'goes'])
      expect(await at(minute, 'c', 'a', 'b', 'd')).toEqual(['goes', 'threshold', 'threshold', 'threshold'])
    })
  })

  describe('storm', () => {
    it('lets so many a minute go, counts the rest by reason and names the first ten', async () => {
      const { at, request, minute: ended } = story({ limit: 2 })
      const many = Array.from({ length: 14 }, (_, n) =>
        request(`e${n}`, { reason: n % 2 ? 'Unhealthy' : 'BackOff', name: `web-${Math.max(n, 3)}` }),
      )
      expect(await at(5 * second, ...many)).toEqual([
        'goes',
        'goes',
        ...Array(12).fill('storm of 0, not scheduled'),
      ])
      expect(await ended(0)).toEqual({
        kind: 'held',
        count: 12,
        since: noon + 5 * second,
        reasons: { BackOff: 6, Unhealthy: 6 },
        names: Array.from({ length: 10 }, (_, n) => `web-${n + 3}`),
      })
    })

    it('sends digests only for as long as it lasts, and is over after a minute below the limit', async () => {
      const { at } = story({ limit: 2 })
      await at(0, 'a', 'b', 'c')
      expect(await at(minute, 'd', 'e')).toEqual(Array(2).fill('storm of 60, not scheduled'))
      expect(await at(2 * minute, 'f')).toEqual(['goes'])
    })

    it('goes on when a minute of digests is above the limit too', async () => {
      const { at } = story({ limit: 2 })
      await at(0, 'a', 'b', 'c')
      await at(minute, 'd', 'e', 'f')
      expect(await at(2 * minute, 'g')).toEqual(['storm of 120, not scheduled'])
    })

    it('says the same again to the same event, and counts it once', async () => {
      const { at, minute: ended } = story({ limit: 1 })
      expect(await at(0, 'a', 'b')).toEqual(['goes', 'storm of 0, not scheduled'])
      expect(await at(minute, 'b', 'a')).toEqual(['storm of 0, not scheduled', 'goes'])
      expect(await ended(0)).toMatchObject({ count: 1 })
    })

    it('counts in the next minute who is late for one that is told', async () => {
      const { at, minute: ended, windows, hook } = story({ limit: 0 })
      await at(0, 'a')
      await windows.settle([{ kind: 'scheduled', window: { kind: 'storm', key: hook, start: noon } }], noon)
      expect(await at(second, 'b')).toEqual(['storm of 0'])
      expect(await ended(0)).toMatchObject({ count: 2 })
      expect(await at(2 * second, 'c')).toEqual(['storm of 60, not scheduled'])
    })

    it('keeps few reasons apart', async () => {
      const { at, request, minute: ended } = story({ limit: 0 })
      await at(0, ...Array.from({ length: 80 }, (_, n) => request(`e${n}`, { reason: `r${n}` })))
      const end = await ended(0)
      const reasons = end.kind === 'held' ? end.reasons : {}
      expect(Object.keys(reasons)).toHaveLength(51)
      expect(reasons).toMatchObject({ r0: 1, other: 30 })
    })
  })

  it('asks threshold, then dedup, then the storm: what is held by one is not seen by the next', async () => {
    const { at, went } = story({ threshold: [2, minute], dedup: 10 * minute, limit: 1 })
    expect(await at(0, 'a', 'b', 'c', 'd')).toEqual([
      'threshold',
      'goes',
      'threshold',
      'dedup of 0, not scheduled',
    ])
    await went('b')
    const second = story({ dedup: 10 * minute, limit: 0 })
    expect(await second.at(0, 'a', 'b')).toEqual(['storm of 0, not scheduled', 'dedup of 0, not scheduled'])
  })

  it('takes any text', async () => {
    const { windows, hook } = story({})
    const odd = 'a:b "ü" \\ud800 \n \0 {}'
    const [verdict] = await windows.judge(
      [{ event: odd, hook, dedup: { key: odd + hook, window: minute, text: odd } }],
      noon,
    )
    expect(verdict).toEqual({ kind: 'goes', held: 0 })
  })
})

describe('windows in Redis', () => {
  it('are the same for all processes, however many ask at once', async () => {
    const [key, hook] = [randomUUID(), 'ops-system/h']
    const asks = Array.from({ length: 100 }, (_, n): Request => {
      return { event: randomUUID(), hook, dedup: { key, window: minute, text: String(n) } }
    })
    const verdicts = await Promise.all(asks.map(ask => inRedis().judge([ask], noon)))
    expect(verdicts.flat().filter(({ kind }) => kind === 'goes')).toHaveLength(1)
    expect(await inRedis().end({ kind: 'dedup', key, start: noon }, 'end')).toMatchObject({ count: 99 })
  })

  it('leave nothing in Redis for ever', async () => {
    const own = await ownRedis()
    const there = patientRedis(own.url)
    const windows = redisWindows(there.run)
    const hook = 'ops-system/h'
    const asks = ['a', 'b', 'c', 'd'].map((event): Request => {
      const dedup = { key: 'k', window: minute, text: '{}' }
      return { event, hook, dedup, storm: { limit: 0, reason: 'r', name: 'n' } }
    })
    asks.push({ event: 't', hook, threshold: { group: 'g', count: 2, window: minute, weight: 1 } })
    await windows.judge(asks, noon)
    await windows.settle(
      [
        { kind: 'went', event: 'a', key: 'k' },
        { kind: 'freed', event: 'b', hook, key: 'gone' },
      ],
      noon,
    )
    await windows.settle([{ kind: 'scheduled', window: { kind: 'storm', key: 'gone', start: noon } }], noon)
    await windows.end({ kind: 'dedup', key: 'gone', start: noon }, 'end')
    const forever = await there.run(
      "local found = {} for _, key in ipairs(redis.call('KEYS', '*')) do found[#found + 1] = key .. ' ' .. (redis.call('PTTL', key) > 0 and 'expires' or 'stays') end table.sort(found) return found",
      [],
    )
    expect(forever).toEqual([
      'ops-events:dedup:k expires',
      `ops-events:storm:${hook}:${noon / minute} expires`,
      'ops-events:threshold:g expires',
      `ops-events:verdicts:${hook}:${Math.floor(noon / 3_600_000)} expires`,
    ])
    await there.close()
  })
})

describe('the mirror', () => {
  it('holds what went out before Redis went away, and what another process let go', async () => {
    let away = false
    const run = async (script: string, args: string[]) => (away ? undefined : redis.run(script, args))
    const [one, other] = [mirroredWindows(run), mirroredWindows(run)]
    const key = randomUUID()
    const ask = (event: string): Request => ({
      event,
      hook: 'ops-system/h',
      dedup: { key, window: 600_000, text: '' },
    })
    await one.judge([ask('a')], noon)
    await one.settle([{ kind: 'went', event: 'a', key }], noon)
    await other.judge([ask('b')], noon)
    away = true
    for (const windows of [one, other])
      expect(await windows.judge([ask('c')], noon + 2 * minute)).toMatchObject([{ kind: 'held' }])
  })

  it('is bounded: it forgets the oldest, whose next one goes again', async () => {
    const { judge } = memoryWindows()
    const ask = (n: number): Request => ({
      event: `e${n}`,
      hook: 'ops-system/h',
      dedup: { key: `k${n % 10_001}`, window: 600_000, text: '' },
    })
    for (let n = 0; n <= 10_000; n++) judge([ask(n)], noon)
    expect(judge([ask(10_001)], noon)).toMatchObject([{ kind: 'goes' }])
    expect(judge([ask(20_000)], noon)).toMatchObject([{ kind: 'held' }])
  })
})
