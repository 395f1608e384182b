import { describe, expect, it } from 'vitest'
import { leafPlaces, lostOf, placeOf } from '../../../functions/bridge/leaf-places.ts'

const at = (source: string, seq: number) => ({ source, seq })

describe('placeOf()', () => {
  it.each([
    ['ops:JE7QNXai 5', at('ops:JE7QNXai', 5)],
    ['ops:JE7QNXai 5 > > ops.clusters.edge1.a o22TqHms', at('ops:JE7QNXai', 5)],
    ['', undefined],
    ['ops:JE7QNXai', undefined],
    ['ops:JE7QNXai five', undefined],
  ])('reads %j', (header, place) => {
    expect(placeOf(header)).toEqual(place)
  })
})

describe('leafPlaces()', () => {
  it('finds what is missing between two messages of one source, whatever lies between them', () => {
    const places = leafPlaces()
    expect(places.saw(1, at('a', 10))).toBeUndefined()
    expect(places.saw(2, undefined)).toBeUndefined()
    expect(places.saw(3, at('b', 4))).toBeUndefined()
    expect(places.saw(4, at('a', 11))).toBeUndefined()
    expect(places.saw(5, at('a', 15))).toEqual({ source: 'a', seq: 12, to: 14 })
    expect(places.saw(6, at('b', 5))).toBeUndefined()
  })

  it('goes on where another one was', () => {
    const before = leafPlaces()
    before.saw(1, at('a', 10))
    expect(leafPlaces(before.seen()).saw(2, at('a', 12))).toEqual({ source: 'a', seq: 11, to: 11 })
  })

  it('takes nothing for lost where a stream begins anew, or is taken over once more', () => {
    const places = leafPlaces({ upTo: 1, places: { a: 10 } })
    expect([1, 2, 3].map(seq => places.saw(seq + 1, at('a', seq)))).toEqual([undefined, undefined, undefined])
  })

  it('says nothing of what our own stream threw away before it was seen', () => {
    const places = leafPlaces({ upTo: 1, places: { a: 10 } })
    expect(places.saw(50, at('a', 40))).toBeUndefined()
    expect(places.saw(51, at('a', 42))).toEqual({ source: 'a', seq: 41, to: 41 })
  })
})

describe('lostOf()', () => {
  const gap = { source: 'a', seq: 11, to: 20 }
  it.each([
    ['all, where nobody answers', undefined, 10],
    ['all that went', 500, 10],
    ['the part that went', 15, 4],
    ['nothing, where all of it is there: it was stored there twice', 11, 0],
  ])('is %s', (_, first, lost) => {
    expect(lostOf(gap, first)).toBe(lost)
  })
})
