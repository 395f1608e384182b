import type { Kysely } from 'kysely'
import type { Database } from '../../shared/adapters/database.ts'
import type { Tables } from '../../shared/database.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { type Refusal, retryAfter } from '../../shared/refusal.ts'

/** Asks the database: what comes of it, or why it cannot be answered. */
export type Asking = <T>(ask: (db: Kysely<Tables>) => Promise<T>) => Promise<T | Refusal>

/** The database that may not be there. It is opened with the first question. */
export type LazyDatabase = { ask: Asking; close(): Promise<void> }

/** So long one question may take, in milliseconds. */
const patience = 10_000
const most = 8

/** The database at `DATABASE_URL`, where one is configured; `patience` in milliseconds. */
export function lazyDatabase(url: string | undefined, log: Log, longest = patience): LazyDatabase {
  let database: Promise<Database> | undefined
  async function open(from: string): Promise<Database> {
    const { openDatabase } = await import('../../shared/adapters/database.ts')
    return openDatabase(from, { name: 'ops-api', most, patience: longest, log })
  }
  return {
    async ask(ask) {
      if (url === undefined) return unconfigured
      database ??= open(url)
      const { db } = await database
      try {
        return await ask(db)
      } catch (error) {
        const refusal = refusalOf(error, longest)
        if (!refusal) throw error
        log.warn({ err: messageOf(error) }, 'The database did not answer a question')
        return refusal
      }
    },
    close: async () => void (await (await database)?.close()),
  }
}

const unconfigured: Refusal = { status: 503, message: 'No database is configured: set DATABASE_URL' }

const tooLong = (after: number): Refusal => ({
  status: 504,
  message: `The database took longer than ${after / 1_000} s: narrow the range with start_time and end_time, or ask for less`,
})

const away: Refusal = {
  status: 503,
  message: 'The database is away: ask again later',
  head: retryAfter(2_000),
}

const empty: Refusal = {
  status: 503,
  message: 'The database has no events yet: event-store makes the tables when it starts',
  head: retryAfter(5_000),
}

/** What a failure of the database means to whoever asked; undefined for one that is no fault of its being away. */
function refusalOf(error: unknown, longest: number): Refusal | undefined {
  const { code, message } = told(error)
  // query_canceled, which is what statement_timeout says.
  if (code === '57014') return tooLong(longest)
  // undefined_table.
  if (code === '42P01') return empty
  // Connection exceptions, too many of them, and shutting down or starting up (PostgreSQL, appendix A).
  const isAway = /^(08...|53...|57P0.|28...|3D000|E[A-Z_]+)$/.test(code)
  return isAway || /timeout|terminated|not queryable|ended/i.test(message) ? away : undefined
}

function told(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return told(error.errors[0])
  if (!(error instanceof Error)) return { code: '', message: '' }
  return { code: 'code' in error ? String(error.code) : '', message: error.message }
}
