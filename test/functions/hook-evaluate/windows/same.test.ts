import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { memoryWindows } from '../../../../functions/hook-evaluate/windows/memory.ts'
import { mirroredWindows } from '../../../../functions/hook-evaluate/windows/mirrored.ts'
import { redisWindows } from '../../../../functions/hook-evaluate/windows/redis.ts'
import type { Deed, Request, Window } from '../../../../functions/hook-evaluate/windows/windows.ts'
import { openRedis } from '../../../../shared/adapters/redis.ts'
import { quiet as log } from '../../../quiet.ts'
import { ownRedis, sharedRedis } from '../../../servers.ts'
import { patientRedis } from '../patient.ts'

const noon = Date.parse('2026-01-31T12:00:00Z')

const pause = fc.constantFrom(0, 0, 1_000, 20_000, 60_000, 61_000)
const asking = fc.record({
  kind: fc.constant('asks' as const),
  pause,
  events: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 5 }),
})
const doing = fc.record({
  kind: fc.constantFrom(
    'went' as const,
    'freed' as const,
    'scheduled' as const,
    'told' as const,
    'over' as const,
    'end' as const,
  ),
  pause,
  event: fc.integer({ min: 0, max: 30 }),
})
const shape = fc.record({
  dedup: fc.boolean(),
  threshold: fc.boolean(),
  limit: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
})

describe('windows in Redis and in memory', () => {
  const redis = patientRedis(sharedRedis())
  afterAll(() => redis.close())

  it('say the same, whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.array(fc.oneof(asking, doing), { maxLength: 40 }), async (asked, story) => {
        const [mine, theirs] = [memoryWindows(), redisWindows(redis.run)]
        const run = randomUUID()
        const keyOf = (event: number) => `${run}-${event % 2}`
        const request = (event: number): Request => ({
          ...{ event: `e${event}`, hook: run },
          ...(asked.dedup && { dedup: { key: keyOf(event), window: 90_000, text: `text ${event}` } }),
          ...(asked.threshold && {
            threshold: { group: keyOf(event), count: 4, window: 60_000, weight: 1 + (event % 2) },
          }),
          ...(asked.limit !== undefined && {
            storm: { limit: asked.limit, reason: `r${event % 3}`, name: `n${event}` },
          }),
        })
        const windows: Window[] = [{ kind: 'dedup', key: keyOf(0), start: noon }]
        let now = noon
        for (const step of story) {
          now += step.pause
          if (step.kind === 'asks') {
            const requests = step.events.map(request)
            const verdicts = mine.judge(requests, now)
            expect(await theirs.judge(requests, now)).toEqual(verdicts)
            for (const verdict of verdicts) if (verdict.kind === 'held') windows.push(verdict.window)
            continue
          }
          const window = windows[step.event % windows.length] ?? windows[0]
          if (!window) continue
          if (step.kind === 'end') {
            expect(await theirs.end(window, `by ${step.event % 2}`)).toEqual(
              mine.end(window, `by ${step.event % 2}`),
            )
            continue
          }
          const who = { event: `e${step.event}`, key: keyOf(step.event), hook: run }
          const deeds: Record<typeof step.kind, Deed> = {
            went: { kind: 'went', ...who },
            freed: { kind: 'freed', ...who },
            over: { kind: 'over', key: who.key },
            scheduled: { kind: 'scheduled', window },
            told: { kind: 'told', window, by: `by ${step.event % 2}` },
          }
          mine.settle([deeds[step.kind]])
          await theirs.settle([deeds[step.kind]], now)
        }
      }),
      { numRuns: 150, seed: 7 },
    )
  }, 60_000)
})

describe('windows while Redis comes and goes', async () => {
  const server = await ownRedis()
  const redis = openRedis(server.url, log)
  afterAll(() => redis.close())

  it('let nothing go again that went, and after a Redis that has forgotten each key once', async () => {
    const windows = mirroredWindows(redis.run)
    const keys = Array.from({ length: 20 }, (_, n) => `k${n}`)
    let count = 0
    async function gone(now: number): Promise<number> {
      const asks = keys.map((key): Request => {
        return { event: `e${count++}`, hook: 'a/b', dedup: { key, window: 600_000, text: '' } }
      })
      const verdicts = await windows.judge(asks, now)
      const deeds = asks.flatMap(({ event, dedup }, at): Deed[] =>
        verdicts[at]?.kind === 'goes' ? [{ kind: 'went', event, key: dedup?.key ?? '' }] : [],
      )
      await windows.settle(deeds, now)
      return deeds.length
    }
    await expect.poll(() => redis.put([['there', '1']], 60), { timeout: 10_000 }).toBe(true)
    expect(await gone(noon)).toBe(20)
    await server.kill()
    for (const minute of [1, 2, 3]) expect(await gone(noon + minute * 60_000)).toBe(0)
    await server.restart()
    await expect.poll(() => redis.put([['there', '1']], 60), { timeout: 10_000 }).toBe(true)
    expect([0, 20]).toContain(await gone(noon + 240_000))
    expect(await gone(noon + 300_000)).toBe(0)
  })
})
