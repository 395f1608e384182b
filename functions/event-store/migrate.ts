import type { Kysely } from 'kysely'
import type { Tables } from '../../shared/database.ts'

/**
 * Brings the tables up to date, one process at a time however many start.
 * @throws what the database says
 */
export async function migrate(db: Kysely<Tables>): Promise<string[]> {
  const [{ Migrator }, { migrations }] = await Promise.all([
    import('kysely/migration'),
    import('./migrations/index.ts'),
  ])
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) throw error
  return results.map(({ migrationName }) => migrationName)
}
