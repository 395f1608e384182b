import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inLanes } from '../../../functions/webhook-deliver/lanes.ts'

describe('inLanes()', () => {
  it('keeps the order within a lane, never runs more than allowed, and answers in the order of the items', async () => {
    const lanes = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        lanes,
        fc.integer({ min: 1, max: 4 }),
        fc.scheduler(),
        async (names, most, scheduler) => {
          const items = names.map((lane, at) => ({ lane, at }))
          const finished: typeof items = []
          let running = 0
          let widest = 0
          const all = inLanes(items, { laneOf: ({ lane }) => lane, most }, async item => {
            widest = Math.max(widest, ++running)
            await scheduler.schedule(Promise.resolve())
            running--
            finished.push(item)
            return item.at
          })
          const results = await scheduler.waitFor(all)
          expect(results).toEqual(items.map(({ at }) => at))
          expect(widest).toBe(Math.min(most, new Set(names).size))
          for (const name of new Set(names)) {
            const order = finished.filter(({ lane }) => lane === name).map(({ at }) => at)
            expect(order).toEqual(order.toSorted((a, b) => a - b))
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})
