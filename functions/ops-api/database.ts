import type { Kysely } from 'kysely'
import type { Tables } from '../../shared/database.ts'
import { saidByDatabase } from '../../shared/database-error.ts'
import type { Log } from '../../shared/log.ts'
import { openerOf } from '../../shared/opener.ts'
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
  if (url === undefined) return { ask: async () => unconfigured, close: async () => {} }
  const database = openerOf(async () => {
    const { openDatabase } = await import('../../shared/adapters/database.ts')
    return openDatabase(url, { name: 'ops-api', most, patience: longest, log })
  })
  return {
    async ask(ask) {
      const { db } = await database.open()
      try {
        return await ask(db)
      } catch (error) {
        const refusal = refusalOf(error, longest)
        if (!refusal) throw error
        log.warn({ err: saidByDatabase(error).message }, 'The database did not answer a question')
        return refusal
      }
    },
    close: async () => void (await (await database.opened())?.close()),
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
  const { code, message } = saidByDatabase(error)
  // query_canceled, which is what statement_timeout says.
  if (code === '57014') return tooLong(longest)
  // undefined_table.
  if (code === '42P01') return empty
  // Connection exceptions, too many of them, and shutting down or starting up (PostgreSQL, appendix A).
  const isAway = /^(08...|53...|57P0.|28...|3D000|E[A-Z_]+)$/.test(code)
  return isAway || /timeout|terminated|not queryable|ended/i.test(message) ? away : undefined
}
