import { expect, test } from 'vitest'
import { check, type Ledgers } from './check.ts'

const seen = (id: string, at: number, operation = 'ADDED') => ({ id, at, operation })
const nothing: Ledgers = { seen: [], bus: [], sink: [], blind: [], last: [], faults: [] }
const good: Ledgers = {
  ...nothing,
  seen: [seen('a', 10), seen('b', 20), seen('c', 30, 'DELETED')],
  bus: ['a', 'b', 'c'],
  sink: [
    { id: 'a', at: 15 },
    { id: 'b', at: 120 },
  ],
}

test('check() is content when every version is on the bus once, and all but deletions are at the sink', () => {
  expect(check(good)).toMatchObject({ missing: [], doubled: [], invented: [], undelivered: [], repeats: 0 })
})

test('check() names what is missing, doubled, invented or not delivered', () => {
  expect(check({ ...good, bus: ['a', 'a', 'b', 'x'], sink: [{ id: 'a', at: 1 }] })).toMatchObject({
    missing: ['c'],
    doubled: ['a'],
    invented: ['x'],
    undelivered: ['b'],
  })
})

test('check() excuses what a blind window tells, but not the last version of what is still there', () => {
  const blind = { ...good, bus: ['b', 'c'], blind: [{ from: 5, to: 15 }] }
  expect(check(blind)).toMatchObject({ missing: [], forgotten: 1 })
  expect(check({ ...blind, last: ['a'] })).toMatchObject({ missing: ['a'], forgotten: 0 })
})

test('check() tells how long it took, apart for each fault', () => {
  const { latencies } = check({ ...good, faults: [{ name: 'NATS is away', from: 18, to: 25 }] })
  expect(latencies).toEqual([
    { name: 'nothing is down', count: 1, p50: 5, p99: 5, most: 5 },
    { name: 'NATS is away', count: 1, p50: 100, p99: 100, most: 100 },
  ])
})

test('check() counts what comes again', () => {
  expect(check({ ...good, sink: [...good.sink, { id: 'a', at: 40 }] }).repeats).toBe(1)
})
