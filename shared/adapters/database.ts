import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import type { Tables } from '../database.ts'
import { type Log, messageOf } from '../log.ts'

/** The database, by a query builder whose values are always parameters. */
export type Database = { db: Kysely<Tables>; pool: Pool; close(): Promise<void> }

/** Connects with the first question to `postgres://…`; `most` connections at once. Questions end after `patience` ms. */
export function openDatabase(
  url: string,
  { name, most, patience, log }: { name: string; most: number; patience: number; log: Log },
): Database {
  const pool = new Pool({
    connectionString: url,
    application_name: name,
    max: most,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    // One whose server vanished without a word looks like any other: for no longer than this.
    maxLifetimeSeconds: 60,
    statement_timeout: patience,
    // The server gives up by itself; this is for one that does not answer any more.
    query_timeout: patience + 5_000,
    keepAlive: true,
    // Compiling takes longer than what is asked for here ever would; a server that knows no such thing goes on without.
    onConnect: client => client.query('set jit = off').catch(() => {}),
  })
  // Of connections that lie idle: without a listener pg throws it at the process.
  pool.on('error', error => log.warn({ err: messageOf(error) }, 'A connection to the database is gone'))
  // The same of those in use, which the pool does not listen to: whoever uses one is told by its question.
  pool.on('connect', client => client.on('error', () => {}))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, close: () => db.destroy() }
}
