import { describe, expect, it } from 'vitest'
import { runCallers } from '../../../functions/subject-ingest/run-callers.ts'
import { digestOf, newRunToken, type RunToken } from '../../../shared/run-tokens.ts'

const start = Date.parse('2026-01-31T12:00:00Z')
const bearer = (token: string) => `Bearer ${token}`
const name = 'run:ops/check-1'

function kept(token: string, more: Partial<RunToken> = {}): RunToken {
  return {
    ...{ sha256: digestOf(token), kind: 'TaskRun', namespace: 'ops', name: 'check-1', uid: 'u-1' },
    ...{ publish: ['ops.>'], expires: '2026-01-31T13:00:00Z', lineage: { hops: 2 } },
    ...more,
  }
}

/** Callers over a bucket, a clock that is turned by hand, and how often the bucket was asked. */
function opened(bucket: Record<string, RunToken | Error> = {}) {
  const asked: string[] = []
  const clock = { now: start }
  const callers = runCallers(
    async uid => {
      asked.push(uid)
      const found = bucket[uid]
      if (found instanceof Error) throw found
      return found
    },
    () => clock.now,
  )
  return { of: callers.of, asked, clock, bucket }
}

describe('runCallers()', () => {
  it('knows a run by its token, and asks once in two seconds', async () => {
    const token = newRunToken('u-1')
    const { of, asked, clock } = opened({ 'u-1': kept(token) })
    const known = { name, publish: ['ops.>'], lineage: { hops: 2 } }
    expect(await Promise.all([of(bearer(token)), of(`Basic ${btoa(`ops:${token}`)}`)])).toEqual([
      known,
      known,
    ])
    clock.now += 1_999
    expect(await of(bearer(token))).toEqual(known)
    expect(asked).toEqual(['u-1'])
    clock.now += 1
    await of(bearer(token))
    expect(asked).toEqual(['u-1', 'u-1'])
  })

  it('asks nobody about what has another form', async () => {
    const { of, asked } = opened()
    const others = [undefined, '', bearer('x'), bearer('opsrun_u-1_x'), bearer(`${newRunToken('u-1')}0`)]
    for (const other of others) expect(await of(other)).toMatchObject({ status: 401 })
    expect(asked).toEqual([])
  })

  it('refuses another token of the same run, an expired one, and within two seconds one that was dropped', async () => {
    const token = newRunToken('u-1')
    const { of, clock, bucket } = opened({ 'u-1': kept(token) })
    expect(await of(bearer(newRunToken('u-1')))).toMatchObject({ status: 401 })
    expect(await of(bearer(token))).toMatchObject({ name })
    delete bucket['u-1']
    clock.now += 2_000
    expect(await of(bearer(token))).toMatchObject({ status: 401 })
    bucket['u-1'] = kept(token)
    clock.now += 3_600_000
    expect(await of(bearer(token))).toMatchObject({ status: 401 })
  })

  it('takes both tokens of a run that was started twice', async () => {
    const [first, second] = [newRunToken('u-1'), newRunToken('u-1')]
    const { of } = opened({ 'u-1': kept(second, { former: [digestOf(first)] }) })
    for (const token of [first, second]) expect(await of(bearer(token))).toMatchObject({ name })
  })

  it('answers 503 while it cannot ask, and asks again with the next request', async () => {
    const token = newRunToken('u-1')
    const { of, bucket } = opened({ 'u-1': new Error('NATS is away') })
    expect(await of(bearer(token))).toMatchObject({ status: 503, head: { 'retry-after': '1' } })
    bucket['u-1'] = kept(token)
    expect(await of(bearer(token))).toMatchObject({ name })
  })

  it('lets guesses cost a hundred lookups a second, and no run that is known', async () => {
    const token = newRunToken('u-1')
    const { of, asked, clock } = opened({ 'u-1': kept(token) })
    await of(bearer(token))
    const guesses = await Promise.all(
      Array.from({ length: 500 }, (_, n) => of(bearer(newRunToken(`g-${n}`)))),
    )
    expect(asked).toHaveLength(100)
    expect(guesses.filter(guess => 'status' in guess && guess.status === 401)).toHaveLength(99)
    expect(guesses.at(-1)).toMatchObject({ status: 503, message: expect.stringMatching(/nobody knows/) })
    clock.now += 2_000
    for (let n = 0; n < 200; n++) await of(bearer(newRunToken(`h-${n}`)))
    expect(asked).toHaveLength(200)
    expect(await of(bearer(token))).toMatchObject({ name })
    expect(asked).toHaveLength(201)
  })
})
