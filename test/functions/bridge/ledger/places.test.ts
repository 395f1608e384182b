import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countedPlaces, placesOf, remembered } from '../../../../functions/bridge/ledger/places.ts'

const place = (seq: number, stored = seq * 10, stream = 'ops') => ({ stream, seq, stored })

describe('countedPlaces()', () => {
  it('knows exactly what was added', () => {
    const some = fc.array(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom('ops', 'retries'))),
    )
    fc.assert(
      fc.property(some, groups => {
        const counted = countedPlaces()
        for (const group of groups)
          counted.add({ at: 1, places: placesOf(group.map(([seq, stream]) => place(seq, seq * 10, stream))) })
        const all = new Set(groups.flat().map(([seq, stream]) => `${stream}/${seq}`))
        for (const stream of ['ops', 'retries', 'runs'])
          for (let seq = 0; seq <= 61; seq++)
            expect(counted.has(place(seq, seq * 10, stream))).toBe(all.has(`${stream}/${seq}`))
      }),
    )
  })

  it('does not take a message of a stream that was made anew for the one at its place', () => {
    const counted = countedPlaces()
    counted.add({ at: 1, places: placesOf([place(1), place(2), place(3)]) })
    expect([counted.has(place(2)), counted.has(place(2, 31))]).toEqual([true, false])
  })

  it('forgets in time, and not while nothing else is counted', () => {
    const counted = countedPlaces()
    counted.add({ at: 1_000, places: placesOf([place(1)]) })
    counted.add({ at: 1_000 + remembered, places: placesOf([place(2)]) })
    expect(counted.has(place(1))).toBe(true)
    counted.add({ at: 2_000 + 2 * remembered, places: placesOf([place(3)]) })
    expect([1, 2, 3].map(seq => counted.has(place(seq)))).toEqual([false, false, true])
  })
})

describe('placesOf()', () => {
  it('has ranges, whatever the order, and when the messages were stored', () => {
    const places = [5, 1, 2, 3, 9, 2].map(seq => place(seq))
    expect(placesOf([...places, place(7, 1, 'retries')])).toEqual({
      ops: { ranges: [1, 3, 5, 5, 9, 9], from: 10, to: 90 },
      retries: { ranges: [7, 7], from: 1, to: 1 },
    })
  })
})
