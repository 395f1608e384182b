import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { postingIn } from '../../../../functions/bridge/ledger/posting.ts'
import type { Book, Entered } from '../../../../shared/adapters/ledger.ts'
import { addCounts, type Counts, type Entry } from '../../../../shared/ledger.ts'
import { type Head, type Page, pageCount, pageOf } from '../../../../shared/ledger-pages.ts'

const ids = ['n/a', 'n/b', 'n/c', 'm/a', 'm/b']

/** A journal and a book as NATS keeps them; `left` writes of pages succeed before a crash. */
function world() {
  const entries: { seq: number; entry: Entry }[] = []
  const pages = new Map<string, { value: unknown; revision: number }>()
  let seq = 0
  let left = Number.POSITIVE_INFINITY
  const get = <T>(key: string, is: (value: unknown) => value is T): Entered<T> => {
    const { value, revision } = pages.get(key) ?? { value: undefined, revision: 0 }
    return { value: is(value) ? value : undefined, revision }
  }
  const put = async (key: string, value: unknown, revision: number) => {
    if (left-- <= 0) throw new Error('crashed')
    if ((pages.get(key)?.revision ?? 0) !== revision) throw new Error('wrong last sequence')
    pages.set(key, { value: structuredClone(value), revision: revision + 1 })
  }
  const isHead = (value: unknown): value is Head => value !== undefined
  const isPage = (value: unknown): value is Page => value !== undefined
  const book: Book = {
    head: async () => get('head', isHead),
    putHead: (head, revision) => put('head', head, revision),
    page: async number => get(String(number), isPage),
    putPage: (number, page, revision) => put(String(number), page, revision),
  }
  const journal = {
    state: async () => ({ made: 'once', first: entries[0]?.seq ?? seq + 1, last: seq }),
    async *read(after: number) {
      for (const kept of entries) if (kept.seq > after) yield kept
    },
    async forget(before: number) {
      entries.splice(0, entries.filter(entry => entry.seq < before).length)
    },
  }
  return {
    journal,
    book,
    append(hooks: Record<string, Counts>, at = 1) {
      const lines = Object.fromEntries(Object.entries(hooks).map(([id, counts]) => [id, { counts }]))
      entries.push({
        seq: ++seq,
        entry: { at, received: 1, patterns: { 'ops.>': 2 }, hooks: lines, places: {} },
      })
    },
    crashAfter(writes: number) {
      left = writes
    },
    entries: () => entries.map(entry => entry.seq),
    async line(id: string) {
      return (await book.page(pageOf(id))).value?.hooks[id]?.counts ?? {}
    },
  }
}

const step = fc.oneof(
  fc.record({
    append: fc.dictionary(fc.constantFrom(...ids), fc.record({ matched: fc.nat(9), dead: fc.nat(9) })),
  }),
  fc.record({ crash: fc.nat(6) }),
  fc.record({ together: fc.constantFrom(1, 2, 3) }),
)

describe('post()', () => {
  it('adds every entry once, through crashes between any two writes and with several at it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const here = world()
        const sums = new Map<string, Counts>()
        let appended = 0
        const posters = [1, 2, 3].map(() => postingIn(here))
        for (const one of steps) {
          if ('append' in one) {
            appended++
            here.append(one.append)
            for (const [id, counts] of Object.entries(one.append))
              sums.set(id, addCounts(sums.get(id) ?? {}, counts))
          } else if ('crash' in one) {
            here.crashAfter(one.crash)
            await posters[0]?.post().catch(() => {})
            here.crashAfter(Number.POSITIVE_INFINITY)
          } else await Promise.allSettled(posters.slice(0, one.together).map(poster => poster.post()))
        }
        await posters[1]?.post()
        for (const id of ids) expect(await here.line(id)).toEqual(withoutZeros(sums.get(id) ?? {}))
        const head = (await here.book.head()).value
        expect(head?.received ?? 0).toBe(appended)
        const all = [...sums.values()].reduce(addCounts, {})
        expect(head?.counts ?? {}).toEqual(withoutZeros(all))
        const patterns = (await here.book.page(pageOf('ops.>'))).value?.patterns['ops.>'] ?? 0
        expect(patterns).toBe(2 * appended)
      }),
    )
  })

  it('forgets entries that are posted and old, and says when some went before', async () => {
    const here = world()
    const { post } = postingIn(here)
    for (const at of [0, 60_000, 300_000]) {
      here.append({}, at)
      await post()
    }
    expect(here.entries()).toEqual([2, 3])
    here.append({}, 300_000)
    here.append({}, 300_000)
    await here.journal.forget(5)
    expect(await post()).toEqual({ posted: 1, lost: 1 })
  })
})

describe('sweep()', () => {
  it('lets go of the hooks that are in force no more, on all pages', async () => {
    const here = world()
    const { post, sweep } = postingIn(here)
    here.append(Object.fromEntries(ids.map(id => [id, { matched: 1 }])))
    await post()
    const inForce = (name: string) => name.startsWith('n/')
    await sweep(inForce, 0)
    await sweep(inForce, 25 * 3600_000)
    const pages = await Promise.all(Array.from({ length: pageCount }, (_, number) => here.book.page(number)))
    expect(pages.flatMap(({ value }) => Object.keys(value?.hooks ?? {})).sort()).toEqual([
      'n/a',
      'n/b',
      'n/c',
    ])
    expect((await here.book.head()).value?.counts).toEqual({ matched: 5 })
  })
})

const withoutZeros = (counts: Counts) =>
  Object.fromEntries(Object.entries(counts).filter(([, times]) => times))
