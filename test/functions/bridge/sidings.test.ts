import { describe, expect, it } from 'vitest'
import { openSidings } from '../../../functions/bridge/sidings.ts'
import type { Pulled } from '../../../shared/adapters/pull.ts'
import { pulledOf } from './items.ts'

/** Sidings whose pulls are this test's, on a clock that stands still. */
function made() {
  const takes = new Map<string, (pulled: Pulled) => void>()
  const stopped: string[] = []
  const held = new Map<string, number>()
  const clock = { now: 0 }
  let isNew = true
  const sidings = openSidings({
    async open(key, take) {
      takes.set(key, take)
      return { more() {}, stop: async () => void stopped.push(key) }
    },
    admit: () => isNew,
    held: () => held,
    now: () => clock.now,
  })
  const back = (key: string, first = true) => {
    isNew = first
    takes.get(key)?.(pulledOf())
  }
  return { sidings, back, held, clock, stopped }
}

describe('openSidings()', () => {
  it('are busy until what went there is back, and count what comes again once', () => {
    const { sidings, back } = made()
    expect(sidings.busy('a')).toBe(false)
    sidings.went('a')
    sidings.went('a')
    back('a')
    back('a', false)
    expect([sidings.busy('a'), sidings.busy('b')]).toEqual([true, false])
    back('a')
    expect(sidings.busy('a')).toBe(false)
    sidings.went('a')
    sidings.stayed('a')
    expect(sidings.busy('a')).toBe(false)
  })

  it('learn from the stream what is left of others, less what is in our hands', () => {
    const { sidings, held, back } = made()
    held.set('b', 2)
    const told = new Map([
      ['a', 1],
      ['b', 2],
    ])
    sidings.asked()(told)
    expect([sidings.busy('a'), sidings.busy('b')]).toEqual([true, false])
    back('a')
    expect(sidings.busy('a')).toBe(false)
  })

  it('do not believe an answer that may be older than what they know', () => {
    const { sidings, clock } = made()
    sidings.went('a')
    clock.now = 500
    sidings.asked()(new Map())
    expect(sidings.busy('a')).toBe(true)
    clock.now = 5_000
    const answer = sidings.asked()
    sidings.went('a')
    answer(new Map())
    expect(sidings.busy('a')).toBe(true)
    clock.now = 10_000
    sidings.asked()(new Map())
    expect(sidings.busy('a')).toBe(false)
  })

  it('are given up when they have been empty for a minute, and all are stopped at the end', async () => {
    const { sidings, clock, stopped, back } = made()
    sidings.went('a')
    back('a')
    sidings.went('b')
    await Promise.resolve()
    clock.now = 59_000
    sidings.asked()(new Map([['b', 1]]))
    expect([sidings.some(), stopped]).toEqual([true, []])
    clock.now = 61_000
    sidings.asked()(new Map([['b', 1]]))
    expect(stopped).toEqual(['a'])
    await sidings.stop()
    expect(stopped).toEqual(['a', 'b'])
  })
})
