import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Tables } from '../../shared/database.ts'

/**
 * Brings the tables up to date, one process at a time however many start. What a newer version has done to them is left
 * as it is: until the last of us is replaced, and after a way back, both are at work.
 * @throws what the database says
 */
export async function migrate(db: Kysely<Tables>): Promise<string[]> {
  const { migrations } = await import('./migrations/index.ts')
  const before = await carriedOut(db)
  // So it is at nearly every start, and the migrator would look through all tables and take its lock to find out.
  if (Object.keys(migrations).every(name => before.includes(name))) return []
  const { Migrator } = await import('kysely/migration')
  const known = { ...Object.fromEntries(before.map(name => [name, nothing])), ...migrations }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => known } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) throw error
  return results.map(({ migrationName }) => migrationName)
}

const nothing: Migration = { async up() {} }

async function carriedOut(db: Kysely<Tables>): Promise<string[]> {
  const [table] = (await sql<{ name?: string }>`select to_regclass('kysely_migration') as name`.execute(db))
    .rows
  if (!table?.name) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  return rows.map(({ name }) => name)
}
