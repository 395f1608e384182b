import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What templates stand for, which patterns were told, and an order of the roll-up in which one pattern's past lies together. */
export const patterns: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table templates (
        template text collate "C" primary key,
        text text collate "C" not null,
        last_time timestamptz not null
      ) with (fillfactor = 70)`.execute(db)
    await sql`
      create table told (
        id text collate "C" primary key,
        time timestamptz not null
      )`.execute(db)
    await sql`create index told_time on told (time)`.execute(db)
    await sql`create index counts_pattern on counts (reason, namespace, kind, bucket)`.execute(db)
  },
}
