import type { Journal, Kept } from '../../../shared/adapters/journal.ts'
import type { Book } from '../../../shared/adapters/ledger.ts'
import { byPage, pageCount, postHead, postPage, sweptPage } from '../../../shared/ledger-pages.ts'
import { remembered } from './places.ts'

/** What posting needs; all of it throws while NATS is away, and writing a page does where another was quicker. */
export type PostingWorld = { journal: Pick<Journal, 'state' | 'read' | 'forget'>; book: Book }

export type Posting = {
  /**
   * Posts what stands in the journal to the pages of the ledger. The pages come first and the head last: each says up
   * to where it is posted, so that who goes on after a crash, or does the same at the same time, adds nothing twice.
   * Resolves with how many entries that were, and how many the journal had thrown away before.
   */
  post(): Promise<{ posted: number; lost: number }>
  /** Lets go of what has been in force no more for long. `now` in Unix ms. */
  sweep(inForce: (name: string) => boolean, now: number): Promise<void>
}

/** So many entries are posted at once. */
const most = 1_000
/** What is posted is kept for those who ask what was counted lately. */
const keptFor = 4 * remembered

export function postingIn({ journal, book }: PostingWorld): Posting {
  let posted: { seq: number; at: number }[] = []

  async function entriesAfter(place: number): Promise<Kept[]> {
    const entries: Kept[] = []
    for await (const kept of journal.read(place)) if (entries.push(kept) === most) break
    return entries
  }

  async function forget({ seq, entry: { at: newest } }: Kept): Promise<void> {
    posted.push({ seq, at: newest })
    const old = posted.findLast(({ at }) => at < newest - keptFor)
    if (!old) return
    await journal.forget(old.seq + 1)
    posted = posted.filter(one => one.seq > old.seq)
  }

  return {
    async post() {
      const [{ made, first }, head] = await Promise.all([journal.state(), book.head()])
      const after = head.value?.at.journal === made ? head.value.at.seq : 0
      const entries = await entriesAfter(after)
      const end = entries.at(-1)
      if (!end) return { posted: 0, lost: 0 }
      const upTo = { journal: made, seq: end.seq }
      const sums = entries.map(({ seq, entry }) => ({ seq, sums: entry }))
      const parts = [...byPage(sums)]
      await Promise.all(
        parts.map(async ([number, part]) => {
          const { value, revision } = await book.page(number)
          await book.putPage(number, postPage(value, part, upTo), revision)
        }),
      )
      await book.putHead(postHead(head.value, sums, upTo), head.revision)
      await forget(end)
      return { posted: entries.length, lost: after > 0 ? Math.max(first - after - 1, 0) : 0 }
    },
    async sweep(inForce, now) {
      for (let number = 0; number < pageCount; number++) {
        const { value, revision } = await book.page(number)
        const swept = value && sweptPage(value, inForce, now)
        if (swept) await book.putPage(number, swept, revision)
      }
    },
  }
}
