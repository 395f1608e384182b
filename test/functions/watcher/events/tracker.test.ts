import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { trackerOf } from '../../../../functions/watcher/events/tracker.ts'

const tick = () => new Promise(resolve => setImmediate(resolve))

describe('trackerOf()', () => {
  it('moves only behind work that is done, with all before it', () =>
    fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7]), async order => {
        const moved: number[] = []
        const tracker = trackerOf<number>(10, place => moved.push(place))
        const works = Array.from({ length: 8 }, () => Promise.withResolvers<void>())
        for (const [index, { promise }] of works.entries()) tracker.follow(promise, index)
        const done = new Set<number>()
        for (const index of order) {
          works[index]?.resolve()
          done.add(index)
          await tick()
          const open = works.findIndex((_, one) => !done.has(one))
          expect(moved).toEqual(Array.from({ length: open < 0 ? 8 : open }, (_, one) => one))
        }
      }),
      { numRuns: 50 },
    ))

  it('has no room while too much is under way', async () => {
    const tracker = trackerOf<string>(2, () => {})
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    tracker.follow(first.promise)
    await tracker.room()
    tracker.follow(second.promise)
    let roomy = false
    void tracker.room().then(() => {
      roomy = true
    })
    await tick()
    expect(roomy).toBe(false)
    first.resolve()
    await tick()
    expect(roomy).toBe(true)
    second.resolve()
    await tracker.done()
  })

  it('passes a place without work as soon as what is before it is done', async () => {
    const moved: string[] = []
    const tracker = trackerOf<string>(5, place => moved.push(place))
    const { promise, resolve } = Promise.withResolvers<void>()
    tracker.follow(undefined, 'a')
    tracker.follow(promise)
    tracker.follow(undefined, 'b')
    expect(moved).toEqual(['a'])
    resolve()
    await tracker.done()
    expect(moved).toEqual(['a', 'b'])
  })
})
