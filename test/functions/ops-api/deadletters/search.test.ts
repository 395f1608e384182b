import { headers } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { mostLooked, newest, oldest } from '../../../../functions/ops-api/deadletters/search.ts'
import type { Browser, Cover } from '../../../../shared/adapters/browse.ts'

/** A stream of so many letters, of which those at every hundredth place have the reason "rare". */
function streamOf(many: number): Browser & { looked: number } {
  const cover = (seq: number): Cover => {
    const head = headers()
    head.set('Ops-Reason', seq % 100 === 0 ? 'rare' : 'usual')
    browser.looked++
    return { seq, stored: seq, subject: 'deadletters.t.a', headers: head, bytes: 1 }
  }
  const browser: Browser & { looked: number } = {
    looked: 0,
    places: async () => ({ first: 1, last: many }),
    count: async (_, { first, last }) => last - first + 1,
    async *forward(_, { first, last }) {
      for (let seq = first; seq <= last; seq++) yield cover(seq)
    },
    async *backward(_, { first, last }) {
      for (let seq = last; seq >= first; seq--) yield cover(seq)
    },
    get: async () => undefined,
  }
  return browser
}
const seqs = ({ letters }: { letters: Cover[] }) => letters.map(({ seq }) => seq)

describe('newest()', () => {
  it('looks no further than it has to, and lets the server count', async () => {
    const browser = streamOf(100_000)
    const found = await newest({ browser, selector: {} }, { skip: 10, most: 3, counted: true })
    expect(seqs(found)).toEqual([99_990, 99_989, 99_988])
    expect(found).toMatchObject({ total: 100_000, next: 99_988 })
    expect(browser.looked).toBeLessThan(20)
  })

  it('counts itself what the server cannot, and says when it did not come to the end', async () => {
    const browser = streamOf(100_000)
    const found = await newest({ browser, selector: { reason: 'rare' } }, { skip: 0, most: 3, counted: true })
    expect(seqs(found)).toEqual([100_000, 99_900, 99_800])
    expect(found).toMatchObject({ total: mostLooked / 100, partial: true })
    expect(browser.looked).toBe(mostLooked + 1)
    const next = await newest(
      { browser, selector: { reason: 'rare' } },
      { below: found.next, skip: 0, most: 1, counted: false },
    )
    expect(seqs(next)).toEqual([99_700])
  })

  it('has no next where there is no more', async () => {
    const all = await newest({ browser: streamOf(3), selector: {} }, { skip: 0, most: 3, counted: true })
    expect(all).toEqual({ letters: [expect.anything(), expect.anything(), expect.anything()], total: 3 })
    const none = await newest({ browser: streamOf(0), selector: {} }, { skip: 0, most: 3, counted: true })
    expect(none).toEqual({ letters: [], total: 0 })
  })

  it('goes on after a look that found nothing', async () => {
    const browser = streamOf(mostLooked + 99)
    const where = { browser, selector: { reason: 'no such' } }
    const found = await newest(where, { skip: 0, most: 3, counted: false })
    expect(found).toEqual({ letters: [], next: 100 })
    expect(await newest(where, { below: found.next, skip: 0, most: 3, counted: false })).toEqual({
      letters: [],
    })
  })
})

describe('oldest()', () => {
  it('goes from the beginning to the end, part by part', async () => {
    const where = { browser: streamOf(350), selector: { reason: 'RARE' } }
    const first = await oldest(where, { most: 2 })
    expect(seqs(first)).toEqual([100, 200])
    const second = await oldest(where, { above: first.next, most: 2 })
    expect(seqs(second)).toEqual([300])
    expect(second.next).toBeUndefined()
  })
})
