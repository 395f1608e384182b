import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browse, type Cover } from '../../../shared/adapters/browse.ts'
import { openNats } from '../../../shared/adapters/nats.ts'
import { quiet } from '../../quiet.ts'
import { natsVersions, ownNats } from '../../servers.ts'

describe.each(natsVersions)('browse() over nats-server %s', async version => {
  const server = await ownNats(version)
  const nats = openNats(server.url, 'test', quiet)
  const nc = await nats.opened
  const jsm = await jetstreamManager(nc)
  const browser = browse(nats, 'b')
  afterAll(() => nats.close())
  // Dense at the end and the beginning, next to nothing in between, and some that were deleted.
  const subjectOf = (seq: number) => `b.${seq <= 1_500 || seq > 6_500 ? 'dense' : 'other'}.x`
  const most = 8_000
  const rare = 4_321

  beforeAll(async () => {
    await jsm.streams.add({ name: 'b', subjects: ['b.>'] })
    const js = jetstream(nc)
    for (let first = 1; first <= most; first += 200) {
      const some = Array.from({ length: 200 }, (_, n) => first + n)
      await Promise.all(some.map(seq => js.publish(seq === rare ? 'b.rare.x' : subjectOf(seq), `${seq}`)))
    }
    for (const seq of [1, 700, most]) await jsm.streams.deleteMessage('b', seq)
  })

  const all = { first: 1, last: most }
  async function seqs(covers: AsyncGenerator<Cover>): Promise<number[]> {
    const found: number[] = []
    for await (const { seq } of covers) found.push(seq)
    return found
  }
  const dense = Array.from({ length: most }, (_, n) => n + 1).filter(
    seq => subjectOf(seq) === 'b.dense.x' && ![1, 700, most].includes(seq),
  )

  it('goes forward and backward through what a pattern matches', async () => {
    expect(await seqs(browser.forward('b.dense.>', all))).toEqual(dense)
    expect(await seqs(browser.backward('b.dense.>', all))).toEqual(dense.toReversed())
    expect(await seqs(browser.backward('b.rare.x', all))).toEqual([rare])
    expect(await seqs(browser.backward('b.none.x', all))).toEqual([])
    expect(await seqs(browser.backward('b.>', { first: 690, last: 710 }))).toHaveLength(20)
    expect(await seqs(browser.forward('b.>', { first: 7_990, last: 9_000 }))).toHaveLength(10)
    expect(await seqs(browser.backward('b.>', { first: 5, last: 4 }))).toEqual([])
  })

  it('reads no more than is taken, and leaves nobody behind', async () => {
    const taken: number[] = []
    for await (const { seq } of browser.backward('b.>', all)) if (taken.push(seq) === 3) break
    for await (const _ of browser.forward('b.>', all)) break
    expect(taken).toEqual([most - 1, most - 2, most - 3])
    expect((await jsm.streams.info('b')).state.consumer_count).toBe(0)
  })

  it('counts, and finds places by time', async () => {
    expect(await browser.count('b.dense.x', all)).toBe(dense.length)
    expect(await browser.count('b.rare.x', { first: rare + 1, last: most })).toBe(0)
    expect(await browser.count('b.rare.x', { first: rare, last: rare })).toBe(1)
    const middle = (await browser.get(4_000))?.stored ?? 0
    const from = await browser.places(middle, undefined)
    const until = await browser.places(undefined, middle)
    expect(from.first).toBeLessThanOrEqual(4_000)
    expect(until.last).toBeGreaterThanOrEqual(4_000)
    expect((await browser.get(from.first))?.stored).toBeGreaterThanOrEqual(middle)
    expect((await browser.get(until.last))?.stored).toBeLessThanOrEqual(middle)
    expect((await browser.get(until.last + 1))?.stored).toBeGreaterThan(middle)
    expect(await browser.places(Date.now() + 1e9, undefined)).toEqual({ first: most + 1, last: most })
  })

  it('gets one by its place', async () => {
    expect(await browser.get(rare)).toMatchObject({ seq: rare, subject: 'b.rare.x' })
    expect(await browser.get(700)).toBeUndefined()
    expect(await browser.get(most + 5)).toBeUndefined()
  })
})
