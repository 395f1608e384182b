import type { ServerResponse } from 'node:http'
import type { Refusal } from '../../../shared/refusal.ts'
import type { Streamed } from '../route.ts'
import { csvHead, csvLine } from './csv.ts'
import type { Place } from './cursor.ts'
import { type Item, itemOf } from './item.ts'
import type { Page } from './pages.ts'
import { written } from './written.ts'

type From = Omit<Place, 'last'> & Partial<Place>
type Export = {
  format: 'ndjson' | 'csv'
  limit: number
  from: From
  ask(from: From, most: number): Promise<Page | Refusal>
  cursorOf(next: Place): string
  patience?: number
}

const forms = {
  ndjson: { type: 'application/x-ndjson', head: '', line: (item: Item) => `${JSON.stringify(item)}\n` },
  csv: { type: 'text/csv; charset=utf-8; header=present', head: csvHead, line: csvLine },
}
const atOnce = 1_000
/** Whoever reads nothing for so long, in milliseconds, is let go: a page is held for it meanwhile. */
const longest = 60_000

/**
 * As many events as are wanted, page by page, as fast as they are taken; where more are left, trailer `ops-cursor` leads
 * on. What fails on the way breaks the connection off, so that a part never passes for the whole.
 */
export async function exported({
  format,
  limit,
  from,
  ask,
  cursorOf,
  patience = longest,
}: Export): Promise<Streamed | Refusal> {
  const first = await ask(from, Math.min(limit, atOnce))
  if ('status' in first) return first
  const start = first
  const { type, head, line } = forms[format]

  async function write(to: ServerResponse): Promise<void> {
    to.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', trailer: 'ops-cursor' })
    to.write(head)
    let page: Page = start
    for (let left = limit; ; ) {
      left -= page.rows.length
      const text = page.rows.map(row => line(itemOf(row))).join('')
      if (!(await written(to, text, patience))) return void to.destroy()
      if (!page.next || left <= 0) break
      const next = await ask(page.next, Math.min(left, atOnce))
      if ('status' in next) return void to.destroy(new Error(next.message))
      page = next
    }
    if (page.next) to.addTrailers({ 'ops-cursor': cursorOf(page.next) })
    to.end()
  }
  return { write }
}
