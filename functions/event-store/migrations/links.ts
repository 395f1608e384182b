import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What follows from what, and what events are signs of (shared/causes/signs.ts). Ids compare by their bytes, as they do
 * in our own code: the first of two has to be the same everywhere.
 */
export const links: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table signs (
        rule text collate "C" not null,
        key text collate "C" not null,
        side text collate "C" not null,
        step bigint not null,
        correlation text collate "C" not null,
        root text collate "C" not null,
        parent text collate "C" not null,
        time timestamptz not null,
        id text collate "C" not null,
        primary key (rule, key, side, step, correlation)
      )`.execute(db)
    await sql`
      create table links (
        child text collate "C" not null,
        parent text collate "C" not null,
        rule text collate "C" not null,
        time timestamptz not null,
        cause_id text collate "C" not null,
        cause_time timestamptz not null,
        effect_id text collate "C" not null,
        effect_time timestamptz not null,
        primary key (child, parent, rule)
      )`.execute(db)
    await sql`create index links_parent on links (parent)`.execute(db)
  },
}
