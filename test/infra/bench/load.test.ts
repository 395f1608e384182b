import { expect, test } from 'vitest'
import { firingByKind, hooksOf } from '../../../infra/bench/hooks.ts'
import { newEvents } from '../../../infra/bench/load.ts'
import { accountFor } from '../../../infra/bench/receiver.ts'
import { isEvent } from '../../../shared/event.ts'

const where = { url: 'http://127.0.0.1:9', key: Buffer.alloc(32).toString('base64') }

test('events are CloudEvents of about 600 bytes, each with an id of its own', () => {
  const events = newEvents(3000)
  expect(events.every(({ payload }) => isEvent(JSON.parse(payload)))).toBe(true)
  expect(new Set(events.map(({ id }) => id)).size).toBe(3000)
  const bytes = events.map(({ payload }) => payload.length)
  expect(Math.min(...bytes)).toBeGreaterThan(540)
  expect(Math.max(...bytes)).toBeLessThan(640)
})

test('of a thousand hooks one fires for an event, or nearly none', () => {
  const perEvent = (firing: 'often' | 'seldom') => {
    const fired = firingByKind(hooksOf(1000, firing, where).hooks)
    return fired.flat().length / fired.length
  }
  expect(perEvent('often')).toBeCloseTo(1, 0)
  expect(perEvent('seldom')).toBeLessThan(0.1)
})

test('accountFor() counts repeats, and throws where anything is lost or strange', () => {
  const arrivals = new Map([['a', 1]])
  expect(accountFor(['a'], { arrivals, repeats: 2 })).toBe(2)
  expect(() => accountFor(['a', 'b'], { arrivals, repeats: 0 })).toThrow('1 are lost (b)')
  expect(() => accountFor([], { arrivals, repeats: 0 })).toThrow('1 came that nobody expected (a)')
})
