import type { Kysely } from 'kysely'
import type { Tables } from '../../../shared/database.ts'

/** Forgets what hung together before this time, whose events are gone. */
export async function forgetLinks(db: Kysely<Tables>, before: Date): Promise<void> {
  await db.deleteFrom('links').where('time', '<', before).execute()
  await db.deleteFrom('signs').where('time', '<', before).execute()
}
