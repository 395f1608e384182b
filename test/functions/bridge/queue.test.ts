import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Item } from '../../../functions/bridge/item.ts'
import { queueOf } from '../../../functions/bridge/queue.ts'
import { item } from './items.ts'

type Step =
  | { kind: 'add'; strand: number; quiet: boolean }
  | { kind: 'take' }
  | { kind: 'land'; which: number; fails: boolean; narrow: boolean; wait: number }
  | { kind: 'tick' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('add' as const), strand: fc.nat(4), quiet: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'take' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('land' as const),
      which: fc.nat(5),
      fails: fc.boolean(),
      narrow: fc.boolean(),
      wait: fc.constantFrom(0, 0, 5),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'tick' as const }) },
)

describe('queueOf()', () => {
  it.each([
    { mixed: true, batch: 5 },
    { mixed: false, batch: 5 },
    { mixed: true, batch: 1 },
  ])('keeps its promises whatever happens, with %j', how => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), steps => {
        const names = new Map<Item, string>()
        const quietOnes = new Set<Item>()
        const nameOf = (one: Item) => names.get(one) ?? ''
        const queue = queueOf({ ...how, mostQuiet: 4, strandOf: nameOf, quiet: one => quietOnes.has(one) })
        const added: Item[] = []
        const finished: Item[] = []
        let flights: Item[][] = []
        let now = 0
        let awake = false

        const take = () => {
          const waiting = [...queue.all()]
          const batch = queue.take(now)
          if (batch.length === 0) return false
          expect(batch.length).toBeLessThanOrEqual(Math.min(how.batch, ...batch.map(({ most }) => most)))
          const strands = new Set(batch.map(nameOf).filter(name => name !== ''))
          for (const flight of flights) for (const one of flight) expect(strands.has(nameOf(one))).toBe(false)
          if (!how.mixed) expect(new Set(batch.map(nameOf)).size).toBe(1)
          const loud = batch.some(one => !quietOnes.has(one))
          if (!loud) expect(awake || waiting.filter(one => quietOnes.has(one)).length >= 4).toBe(true)
          awake = awake || loud
          flights.push(batch)
          return true
        }
        const land = (flight: Item[], fails: boolean, narrow: boolean, wait: number) => {
          flights = flights.filter(other => other !== flight)
          if (!fails) finished.push(...flight)
          else {
            if (narrow) for (const one of flight) one.most = Math.ceil(flight.length / 2)
            for (const one of flight) quietOnes.delete(one)
            queue.putBack(flight, wait ? now + wait : undefined)
          }
          queue.release(flight)
        }

        for (const what of steps) {
          if (what.kind === 'add') {
            const one = { ...item({ seq: added.length }), most: how.batch }
            // An object's events are all quiet or none.
            const quiet = what.strand >= 3
            names.set(one, what.strand === 0 ? '' : `s${what.strand}`)
            if (quiet) quietOnes.add(one)
            added.push(one)
            queue.add(one)
          }
          if (what.kind === 'take') take()
          if (what.kind === 'land') {
            const flight = flights[what.which % Math.max(flights.length, 1)]
            if (flight) land(flight, what.fails, what.narrow, what.wait)
          }
          if (what.kind === 'tick') now += 3
          const next = queue.nextAt(now)
          if (next !== undefined) expect(next).toBeGreaterThan(now)
        }
        // The end: something loud wakes the sink, and all is taken.
        const last = { ...item({ seq: added.length }), most: how.batch }
        names.set(last, 's-last')
        added.push(last)
        queue.add(last)
        for (let turn = 0; turn < 1_000 && (flights.length > 0 || finished.length < added.length); turn++) {
          now += 10
          if (!take()) for (const flight of flights) land(flight, false, false, 0)
        }
        expect(finished).toHaveLength(added.length)
        expect(new Set(finished)).toEqual(new Set(added))
        expect([...queue.all()]).toEqual([])
        expect(queue.size()).toBe(0)
        for (const strand of ['s1', 's2', 's3', 's4']) {
          const order = finished.filter(one => nameOf(one) === strand).map(({ pulled }) => pulled.seq)
          expect(order).toEqual([...order].sort((one, other) => one - other))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('never mixes the groups of one strand where it may not', () => {
    const queue = queueOf({ batch: 10, mixed: false, strandOf: () => 'one' })
    const [first, second] = ['ops.a.b.events', 'ops.a.b.status'].map(subject =>
      item({ subject }, { groupBy: 'subject' }),
    )
    if (!first || !second) throw new Error('two items')
    queue.add(first)
    queue.add(second)
    expect(queue.take(0)).toEqual([first])
    queue.release([first])
    expect(queue.take(0)).toEqual([second])
  })

  it('cuts off the end of a strand, all of it too, and goes on with the others', () => {
    const strandOf = ({ subject }: Item) => subject
    const queue = queueOf({ batch: 2, mixed: false, strandOf })
    const of = (seq: number, subject: string) => item({ seq, subject })
    const [first, second, third, other] = [of(1, 'a'), of(2, 'a'), of(3, 'a'), of(4, 'b')]
    for (const one of [first, second, third, other]) queue.add(one)
    expect(queue.cut('a', 1)).toEqual([second, third])
    expect(queue.cut('a', 0)).toEqual([first])
    expect(queue.cut('none', 0)).toEqual([])
    expect([queue.size(), queue.waitingIn('a')]).toEqual([1, 0])
    expect(queue.take(0)).toEqual([other])
    queue.add(third)
    expect(queue.take(0)).toEqual([third])
    // One that is on its way is closed, whatever is cut off behind it.
    queue.add(second)
    expect(queue.cut('a', 0)).toEqual([second])
    queue.add(first)
    expect(queue.take(0)).toEqual([])
    queue.release([third])
    expect(queue.take(0)).toEqual([first])
  })

  it('keeps a request below a mebibyte', () => {
    const queue = queueOf({ batch: 10, mixed: true, strandOf: () => '' })
    for (let count = 0; count < 4; count++) queue.add(item({ text: 'x'.repeat(400_000) }))
    expect([queue.take(0).length, queue.take(0).length]).toEqual([2, 2])
  })

  it('puts what came again before what came after it', () => {
    const queue = queueOf({ batch: 10, mixed: true, strandOf: () => 'one' })
    const of = (seq: number, stream = 'ops') => item({ seq, stream })
    const all = [of(5), of(1, 'retries'), of(7), of(9), of(6)]
    for (const one of all) queue.add(one)
    expect(queue.take(0).map(({ pulled }) => pulled.seq)).toEqual([5, 1, 6, 7, 9])
  })
})
