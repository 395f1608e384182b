import { expect, it } from 'vitest'
import { flightsOf } from '../../../functions/bridge/flights.ts'

const forever = () => new Promise<void>(() => {})

it('flightsOf() does not count what has been out for long, up to the most', () => {
  const flights = flightsOf({ most: 3, grouped: true })
  flights.add(forever(), 'a', 0)
  expect([flights.may(1, 500), flights.may(2, 500), flights.stuck(500)]).toEqual([false, true, []])
  expect([flights.may(1, 2_000), flights.stuck(2_000)]).toEqual([true, ['a']])
  flights.add(forever(), 'b', 2_000)
  expect([flights.may(1, 2_500), flights.may(1, 4_000)]).toEqual([false, true])
  flights.add(forever(), 'c', 4_000)
  expect([flights.may(1, 9_000), flights.size()]).toEqual([false, 3])
})

it('flightsOf() counts all where requests are nobody’s in particular', () => {
  const flights = flightsOf({ most: 3, grouped: false })
  flights.add(forever(), '', 0)
  expect([flights.may(1, 9_000), flights.stuck(9_000)]).toEqual([false, []])
})

it('flightsOf() forgets what has landed, and waits for the rest', async () => {
  const flights = flightsOf({ most: 3, grouped: true })
  const { promise, resolve } = Promise.withResolvers<void>()
  flights.add(Promise.resolve(), 'a', 0)
  flights.add(promise, 'b', 0)
  const landed = flights.landed()
  resolve()
  await landed
  await promise
  expect(flights.size()).toBe(0)
})
