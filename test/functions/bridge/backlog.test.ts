import { describe, expect, it } from 'vitest'
import { backlogOf } from '../../../functions/bridge/backlog.ts'

const went = (backlog: ReturnType<typeof backlogOf>, key: string, many: number) => {
  for (let count = 0; count < many; count++) backlog.went(key)
}

describe('backlogOf()', () => {
  it('is full by what the stream told and what went there since, each subject for itself', () => {
    const backlog = backlogOf(10)
    expect(backlog.some()).toBe(false)
    backlog.asked()(new Map([['a', 7]]))
    went(backlog, 'a', 2)
    expect([backlog.full('a', 0), backlog.full('b', 0), backlog.some()]).toEqual([false, false, true])
    went(backlog, 'a', 1)
    expect([backlog.full('a', 0), backlog.full('b', 0)]).toEqual([true, false])
  })

  it('counts what goes there while the stream answers until it is asked again', () => {
    const backlog = backlogOf(10)
    went(backlog, 'a', 9)
    const answer = backlog.asked()
    went(backlog, 'a', 1)
    expect(backlog.full('a', 0)).toBe(true)
    answer(new Map([['a', 9]]))
    expect(backlog.full('a', 0)).toBe(true)
    backlog.asked()(new Map([['a', 9]]))
    expect(backlog.full('a', 0)).toBe(false)
    backlog.asked()(new Map())
    expect(backlog.some()).toBe(false)
  })

  it('keeps what it knew when the stream does not answer', () => {
    const backlog = backlogOf(2)
    went(backlog, 'a', 2)
    backlog.asked()
    expect(backlog.full('a', 0)).toBe(true)
    backlog.asked()(new Map([['a', 1]]))
    expect(backlog.full('a', 0)).toBe(false)
  })

  it('lets more wait of what is taken fast enough to be gone in ten minutes, as long as it is', () => {
    const backlog = backlogOf(100)
    backlog.asked()(new Map([['a', 3_000]]))
    expect(backlog.full('a', 0)).toBe(true)
    // Ten a second for 20 s: 6,000 would be taken in ten minutes.
    for (let second = 1; second <= 20; second++)
      for (let each = 0; each < 10; each++) backlog.took('a', second * 1_000)
    expect(backlog.full('a', 20_000)).toBe(false)
    backlog.asked()(new Map([['a', 7_000]]))
    expect(backlog.full('a', 20_000)).toBe(true)
    backlog.asked()(new Map([['a', 3_000]]))
    expect(backlog.full('a', 60_000)).toBe(true)
  })

  it('is never full where there is no limit', () => {
    const backlog = backlogOf(undefined)
    went(backlog, 'a', 1_000)
    expect([backlog.full('a', 0), backlog.some()]).toEqual([false, false])
  })
})
