import { afterAll } from 'vitest'
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
