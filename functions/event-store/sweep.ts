import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../shared/database.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { isOver, nameOf, type Part, partNamed, partsLock } from './parts.ts'

/** Forgets what is about events before that time, which are gone. */
export type Forget = (db: Kysely<Tables>, before: Date) => Promise<unknown>

const day = 24 * 3600_000

/**
 * Drops what is kept no longer; returns the names of the parts that went. `longest` in days: after that nothing is kept
 * of any event. Nobody waits for it: what is in use stays until the next time.
 */
export async function sweep(
  db: Kysely<Tables>,
  { now, longest, forgets, log }: { now: Date; longest: number; forgets: readonly Forget[]; log: Log },
): Promise<string[]> {
  const over = (await allParts(db)).filter(part => isOver(part, now.getTime()))
  const gone: string[] = []
  for (const part of over) {
    try {
      if (await dropped(db, part)) gone.push(nameOf(part))
    } catch (error) {
      log.debug({ part: nameOf(part), err: messageOf(error) }, 'A part that is over is in use, it goes later')
    }
  }
  const before = new Date(now.getTime() - longest * day)
  await sql`delete from events_far where received < ${now}::timestamptz + keep * interval '24 hours'`.execute(
    db,
  )
  // With the parts of their events.
  const today = new Date(Math.floor(now.getTime() / day) * day)
  await sql`delete from counts where bucket < ${today}::timestamptz - keep * interval '24 hours'`.execute(db)
  await sql`delete from subjects where last_time < ${before}`.execute(db)
  await sql`delete from untimed where time < ${before}`.execute(db)
  for (const forget of forgets) await forget(db, before)
  if (gone.length > 0) log.info({ parts: gone }, 'Dropped what is kept no longer')
  return gone
}

async function allParts(db: Kysely<Tables>): Promise<Part[]> {
  const { rows } = await sql<{ name: string }>`
    select relid::regclass::text as name from pg_partition_tree('events') where isleaf`.execute(db)
  return rows.flatMap(({ name }) => partNamed(name.replace(/^.*\./, '')) ?? [])
}

async function dropped(db: Kysely<Tables>, part: Part): Promise<boolean> {
  return db.transaction().execute(async work => {
    // Dropping waits until nobody reads its class, and all others wait behind it: for no longer than this.
    await sql`set local lock_timeout = '200ms'`.execute(work)
    const { rows } = await sql<{
      mine: boolean
    }>`select pg_try_advisory_xact_lock(${partsLock}) as mine`.execute(work)
    if (!rows[0]?.mine) return false
    await sql`drop table if exists ${sql.id(nameOf(part))}`.execute(work)
    return true
  })
}
