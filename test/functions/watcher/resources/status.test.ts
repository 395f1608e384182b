import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Patch, type StatusWorld, statusKeeper } from '../../../../functions/watcher/resources/status.ts'
import { objectOf } from '../../../../shared/changes.ts'
import { quiet } from '../../../quiet.ts'
import { object, put, rawObject } from './objects.ts'

const verdict = (message: string, generation = 1) => ({
  ...{ uid: 'uid-a', generation, ready: false, reason: 'Refused', message },
})
const messageOf = ({ conditions }: Patch) => conditions?.[0]?.message ?? ''

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A keeper, and what it wrote at which second. */
function keeping(world: Partial<StatusWorld> = {}) {
  const written: string[] = []
  const keeper = statusKeeper({
    mayWrite: () => true,
    async write({ id, metadata }, patch) {
      written.push(`${(Date.now() - 1_000_000) / 1000}: ${id} ${messageOf(patch)}`)
      return objectOf(rawObject(metadata.name, { status: patch }))
    },
    wall: Date.now,
    log: quiet,
    ...world,
  })
  return { ...keeper, written }
}

describe('statusKeeper()', () => {
  it('writes what is lacking, once', async () => {
    const { take, judged, written } = keeping()
    take({ kind: 'all', objects: [object('a')] })
    judged(new Map([['ops/a', verdict('one')]]))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(written).toEqual(['0.1: ops/a one'])
  })

  it('writes one hook every ten seconds at most, and then the latest', async () => {
    const { take, judged, written } = keeping()
    take(put('a'))
    for (const message of ['one', 'two', 'three']) {
      judged(new Map([['ops/a', verdict(message)]]))
      await vi.advanceTimersByTimeAsync(1_000)
    }
    await vi.advanceTimersByTimeAsync(60_000)
    expect(written).toEqual(['0.1: ops/a one', '10.1: ops/a three'])
  })

  it('writes a hundred hooks at ten a second', async () => {
    const { take, judged, written } = keeping()
    const names = Array.from({ length: 100 }, (_, index) => `h${index}`)
    take({ kind: 'all', objects: names.map(name => object(name)) })
    judged(new Map(names.map(name => [`ops/${name}`, { ...verdict('one'), uid: `uid-${name}` }])))
    await vi.advanceTimersByTimeAsync(5_050)
    expect(written).toHaveLength(50)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(written).toHaveLength(100)
  })

  it('leaves it to the replica that may, and does it when that is this one', async () => {
    let may = false
    const { take, judged, written } = keeping({ mayWrite: () => may })
    take(put('a'))
    judged(new Map([['ops/a', verdict('one')]]))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(written).toEqual([])
    may = true
    await vi.advanceTimersByTimeAsync(200)
    expect(written).toHaveLength(1)
  })

  it('waits for the verdict on the generation that there is', async () => {
    const { take, judged, written } = keeping()
    judged(new Map([['ops/a', verdict('old')]]))
    take(put('a', { metadata: { generation: 2 } }))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(written).toEqual([])
    judged(new Map([['ops/a', verdict('new', 2)]]))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(written).toEqual([expect.stringContaining('ops/a new')])
  })

  it('tries again after a failure, and lets go of a hook that is gone', async () => {
    let tries = 0
    const { take, judged } = keeping({
      async write() {
        if (++tries < 3) throw new Error('away')
        return undefined
      },
    })
    take(put('a'))
    judged(new Map([['ops/a', verdict('one')]]))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(tries).toBe(3)
  })

  it('writes what is counted once, and again only when it is another number', async () => {
    const patches: Patch[] = []
    const { take, counted } = keeping({
      async write({ metadata, status }, patch) {
        patches.push(patch)
        return objectOf(rawObject(metadata.name, { status: { ...status, ...patch } }))
      },
    })
    take(put('a'))
    for (const matched of [1, 1, 2, 2, 2]) {
      counted(new Map([['ops/a', { counts: { matched } }]]))
      await vi.advanceTimersByTimeAsync(20_000)
    }
    const rest = { delivered: 0, failed: 0, suppressed: 0 }
    expect(patches).toEqual([{ matched: 1, ...rest }, { matched: 2 }])
  })

  it('writes how hooks stand before what is counted of others', async () => {
    const { take, judged, counted, written } = keeping()
    const names = Array.from({ length: 50 }, (_, index) => `h${index}`)
    take({ kind: 'all', objects: [...names, 'a'].map(name => object(name)) })
    counted(new Map(names.map(name => [`ops/${name}`, { counts: { matched: 1 } }])))
    await vi.advanceTimersByTimeAsync(1_050)
    judged(new Map([['ops/a', verdict('one')]]))
    await vi.advanceTimersByTimeAsync(200)
    expect(written).toHaveLength(12)
    expect(written.slice(-2)).toContainEqual(expect.stringContaining('ops/a one'))
  })
})
