import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { type Allowance, allowanceOver } from '../../../../functions/webhook-deliver/tasks/allowance.ts'
import { openRedis } from '../../../../shared/adapters/redis.ts'
import { quiet } from '../../../quiet.ts'
import { sharedRedis } from '../../../servers.ts'

const redis = openRedis(sharedRedis(), quiet)
afterAll(() => redis.close())
const start = Date.parse('2026-01-31T12:00:00Z')
const minute = 60_000
const hour = 60 * minute

/** Redis as it is, patient with a busy machine. */
async function patient(script: string, args: string[]): Promise<unknown> {
  for (;;) {
    const answer = await redis.run(script, args)
    if (answer !== undefined) return answer
    // Without a connection it says so at once: the connection needs a turn too.
    await new Promise(setImmediate)
  }
}
const nobody = async () => undefined

/** Asks for one delivery after the other, a minute apart. */
async function take(allowance: Allowance, hook: string, deliveries: string[], most: number, from = start) {
  const answers: (number | undefined)[] = []
  for (const [at, delivery] of deliveries.entries())
    answers.push(await allowance({ hook, delivery, most, now: from + at * minute }))
  return answers
}

describe.each([
  ['in Redis', patient],
  ['without Redis', nobody],
])('the places of a hook, %s,', (_, run) => {
  it('are so many in an hour, and each comes back an hour after it was taken', async () => {
    const [allowance, hook] = [allowanceOver(run), randomUUID()]
    expect(await take(allowance, hook, ['a', 'b', 'c', 'd'], 3)).toEqual([
      ...[undefined, undefined, undefined],
      start + hour,
    ])
    const later = start + hour
    expect(await take(allowance, hook, ['d', 'e'], 3, later)).toEqual([undefined, undefined])
    expect(await take(allowance, hook, ['f'], 3, later + minute)).toEqual([start + 2 * minute + hour])
  })

  it('are no more when all ask at once, one of them twice', async () => {
    const [allowance, hook] = [allowanceOver(run), randomUUID()]
    const deliveries = Array.from({ length: 50 }, (_, n) => `d${n >> 1}`)
    const ask = (delivery: string) => allowance({ hook, delivery, most: 3, now: start })
    const answers = await Promise.all(deliveries.map(ask))
    const gone = new Set(deliveries.filter((_, at) => answers[at] === undefined))
    expect(gone.size).toBe(3)
    expect(await Promise.all([...gone].map(ask))).toEqual([undefined, undefined, undefined])
    expect(await ask('other')).toBe(start + hour)
  })

  it('are kept by a delivery that comes again, however full it is', async () => {
    const [allowance, hook] = [allowanceOver(run), randomUUID()]
    await take(allowance, hook, ['a', 'b'], 2)
    expect(await take(allowance, hook, ['a', 'b', 'a', 'c'], 2, start + minute)).toEqual([
      ...[undefined, undefined, undefined],
      start + hour,
    ])
  })

  it("are another hook's own", async () => {
    const allowance = allowanceOver(run)
    expect(await take(allowance, randomUUID(), ['a'], 1)).toEqual([undefined])
    expect(await take(allowance, randomUUID(), ['a'], 1)).toEqual([undefined])
  })

  it('say when the next is free after the limit was lowered', async () => {
    const [allowance, hook] = [allowanceOver(run), randomUUID()]
    await take(allowance, hook, ['a', 'b', 'c', 'd'], 60)
    expect(await allowance({ hook, delivery: 'e', most: 2, now: start + 5 * minute })).toBe(
      start + 2 * minute + hour,
    )
  })
})

describe('the places of a hook', () => {
  it('are shared by all processes', async () => {
    const hook = randomUUID()
    await take(allowanceOver(patient), hook, ['a', 'b'], 2)
    expect(await take(allowanceOver(patient), hook, ['c', 'b'], 2)).toEqual([start + hour, undefined])
  })

  it('that were taken while Redis was away count when it is back, and stay taken', async () => {
    const hook = randomUUID()
    let run: typeof patient = nobody
    const allowance = allowanceOver((script, args) => run(script, args))
    await take(allowance, hook, ['a'], 2)
    run = patient
    await take(allowanceOver(patient), hook, ['x', 'y'], 2)
    expect(await take(allowance, hook, ['a', 'b'], 2)).toEqual([undefined, start + hour])
  })
})
