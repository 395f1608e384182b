import pg from 'pg'
import { afterAll, onTestFinished } from 'vitest'
import { openDatabase } from '../shared/adapters/database.ts'
import { logOf } from '../shared/log.ts'
import { ownPostgres } from './servers.ts'

/** An empty PostgreSQL for this test file or `describe` alone, and our way in. Call it outside of tests and hooks. */
export async function openOwnDatabase() {
  const server = await ownPostgres()
  const log = logOf('test', 'silent')
  const database = openDatabase(server.url, { name: 'test', most: 4, patience: 30_000, log })
  afterAll(() => database.close())
  return { server, database, db: database.db, log }
}

/** What a question to a database brings. */
export async function ask<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}

/** How many questions wait for somebody else to let go of what they need. */
export async function waiting(url: string): Promise<number> {
  return (await ask(url, "select 1 from pg_stat_activity where wait_event_type = 'Lock'")).length
}

/** Locks the events of a database until the test's end, or until the function that this resolves to is called. */
export async function lockEvents(url: string): Promise<() => Promise<unknown>> {
  const client = new pg.Client(url)
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('begin; lock table events in access exclusive mode')
  return () => client.query('commit')
}
