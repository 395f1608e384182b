import { expect, test } from 'vitest'
import { generated } from '../../../../infra/bench/memory/generate.ts'
import { readRecordings } from '../../../../infra/bench/memory/recording.ts'
import { eventProblem, type OpsEvent } from '../../../../shared/event.ts'
import { isObject } from '../../../../shared/json.ts'

const recordings = readRecordings()
const until = Date.parse('2026-11-21T12:00:00Z')
const days = 7
const make = (count: number, seed = 1) => [...generated(recordings, { count, until, days, seed })]
const events = make(20_000)
const dataOf = ({ data }: OpsEvent) => (isObject(data) ? data : {})
const different = (of: (event: OpsEvent) => unknown) => new Set(events.map(of)).size

test('as many events as wanted come of a seed, the same each time, and others of another', () => {
  expect(events).toHaveLength(20_000)
  expect(make(500)).toEqual(make(500))
  expect(make(500, 2)).not.toEqual(make(500))
})

test('they are events as the bus has them, each with an id of its own', () => {
  expect(events.map(eventProblem).filter(problem => problem !== undefined)).toEqual([])
  expect(different(event => event.id)).toBe(20_000)
  expect(events[0]).toMatchObject({ type: 'Kube', subject: expect.stringMatching(/^ops\.clusters\./) })
})

test('they are spread over the days, in the order of time', () => {
  const times = events.map(({ time = '' }) => Date.parse(time))
  expect(times.toSorted((a, b) => a - b)).toEqual(times)
  expect(Math.min(...times)).toBeGreaterThanOrEqual(until - days * 86_400_000)
  expect(Math.max(...times)).toBeLessThanOrEqual(until)
  expect(new Set(times.map(time => Math.floor(time / 3600_000))).size).toBeGreaterThan(0.5 * days * 24)
})

test('there is as much variety as in clusters with tens of services', () => {
  expect(different(event => event.cluster)).toBe(3)
  expect(different(event => dataOf(event).namespace)).toBeGreaterThan(10)
  expect(different(event => dataOf(event).reason)).toBeGreaterThan(30)
  expect(different(event => dataOf(event).uid)).toBeGreaterThan(2_000)
  expect(JSON.stringify(events)).not.toContain('recorded')
})

test('what belongs together in a recording does so again', () => {
  const placed = events.filter(event => dataOf(event).reason === 'Scheduled')
  expect(placed.length).toBeGreaterThan(100)
  for (const event of placed) {
    const { name, message } = dataOf(event)
    expect(message).toContain(`/${name} to node-`)
    expect(event.subject).toContain(`.${name}.`)
    expect(event.correlationid).toEqual(expect.any(String))
  }
})
