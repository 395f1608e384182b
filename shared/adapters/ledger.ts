import type { z } from 'zod'
import { deliverySubject } from '../delivery.ts'
import { jsonAs } from '../json.ts'
import type { Counts, Line } from '../ledger.ts'
import { Head, Page, pageCount } from '../ledger-pages.ts'
import { buckets } from '../streams.ts'
import { managerOf } from './jetstream.ts'
import { bucketIn } from './kv.ts'
import { connectionNow, type Nats } from './nats.ts'

/** What stands under a key, and its revision; 0 where nothing ever did. */
export type Entered<T> = { value: T | undefined; revision: number }

/** The pages of the ledger. Writing one that somebody else has written since it was read throws. */
export type Book = {
  head(): Promise<Entered<Head>>
  putHead(head: Head, revision: number): Promise<void>
  page(number: number): Promise<Entered<Page>>
  putPage(number: number, page: Page, revision: number): Promise<void>
}

const headKey = 'head'
const pageKey = (number: number) => `page.${number}`

/** The ledger in its KV bucket; every call throws while NATS is away. */
export function bookIn(nats: Nats): Book {
  const bucket = bucketIn(nats, buckets.ledger)

  async function get<T>(key: string, schema: z.ZodType<T>): Promise<Entered<T>> {
    const { value: text = '', revision } = await bucket.get(key)
    return { value: jsonAs(schema, text), revision }
  }

  const put = (key: string, value: unknown, revision: number): Promise<void> =>
    bucket.put(key, JSON.stringify(value), revision)

  return {
    head: () => get(headKey, Head),
    putHead: (head, revision) => put(headKey, head, revision),
    page: number => get(pageKey(number), Page),
    putPage: (number, page, revision) => put(pageKey(number), page, revision),
  }
}

/** What became of events. */
export type Ledger = {
  /** Changes whenever what is counted does. */
  revision: number
  /** Events judged, and what they came to at all hooks that ever were. */
  received: number
  counts: Counts
  /** By hook id; a deleted hook stays for a day. */
  hooks: Map<string, Line>
  /** Events judged, by the subject pattern that matches them: a hook has received what its pattern has. */
  patterns: Map<string, number>
}

/** Reads the ledger, which is a few seconds behind the events. */
export type LedgerReader = {
  /** The same object as long as nothing changes. @throws Error while NATS is away */
  read(): Promise<Ledger>
  /** How many deliveries wait to be sent, by hook id. @throws Error while NATS is away */
  waiting(hooks: Iterable<string>): Promise<Map<string, number>>
}

export function ledgerReader(nats: Nats, book = bookIn(nats)): LedgerReader {
  let known: Ledger | undefined

  return {
    async read() {
      const { value: head, revision } = await book.head()
      if (known?.revision === revision) return known
      const pages = await Promise.all(Array.from({ length: pageCount }, (_, number) => book.page(number)))
      const lines = <T>(of: (page: Page) => Record<string, T>) =>
        new Map(pages.flatMap(({ value }) => (value ? Object.entries(of(value)) : [])))
      known = {
        revision,
        received: head?.received ?? 0,
        counts: head?.counts ?? {},
        hooks: lines(page => page.hooks),
        patterns: lines(page => page.patterns),
      }
      return known
    },
    waiting: hooks => waitingIn(nats, hooks),
  }
}

/** Those that were never sent, and those that wait for their next attempt. */
async function waitingIn(nats: Nats, hooks: Iterable<string>): Promise<Map<string, number>> {
  const { streams } = await managerOf(connectionNow(nats))
  const [deliveries, retries] = await Promise.all([
    streams.info('deliveries', { subjects_filter: 'deliveries.>' }),
    streams.info('retries', { subjects_filter: 'retries.webhook-deliver.>' }),
  ])
  const byTokens = new Map([...hooks].map(id => [tokensOf(id), id]))
  const waiting = new Map<string, number>()
  const subjects = [deliveries, retries].flatMap(({ state }) => Object.entries(state.subjects ?? {}))
  for (const [subject, messages] of subjects) {
    // deliveries.{namespace}.{hook}, retries.webhook-deliver.{class}.{namespace}.{hook}
    const tokens = subject.split('.').slice(-2).join('.')
    const id = byTokens.get(tokens) ?? tokens.replace('.', '/')
    waiting.set(id, (waiting.get(id) ?? 0) + messages)
  }
  return waiting
}

function tokensOf(id: string): string {
  const [namespace = '', name = ''] = id.split('/')
  if (!namespace || !name) return id
  return deliverySubject({ namespace, name }).slice('deliveries.'.length)
}
