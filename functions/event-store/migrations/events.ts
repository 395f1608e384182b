import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Events by retention and day, and what is counted of them. Texts are in the order of their bytes: it is the same on
 * every server, and by it the beginnings of subjects are found in their index.
 */
export const events: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table events (
        time timestamptz not null,
        id text collate "C" not null,
        source text collate "C" not null,
        keep smallint not null,
        severity smallint not null,
        occurrences integer not null,
        subject text collate "C" not null,
        event_type text collate "C" not null,
        type text collate "C" not null,
        cluster text collate "C" not null,
        namespace text collate "C" not null,
        kind text collate "C" not null,
        name text collate "C" not null,
        reason text collate "C" not null,
        node text collate "C" not null,
        resource text collate "C" not null,
        observation text collate "C" not null,
        category text collate "C" not null,
        correlation text collate "C",
        template text collate "C",
        message text collate "C" not null,
        words tsvector not null,
        data jsonb,
        attributes jsonb not null,
        received timestamptz not null,
        primary key (time, id, source, keep)
      ) partition by list (keep)`.execute(db)
    // Whose time is too far off to lie among the days. The check keeps out what only lacks its part.
    await sql`create table events_far partition of events (constraint far check (keep < 0)) default`.execute(
      db,
    )
    for (const index of indices) await sql.raw(index).execute(db)
    await sql`
      create table counts (
        bucket timestamptz not null,
        scope text collate "C" not null,
        observation text collate "C" not null,
        cluster text collate "C" not null,
        namespace text collate "C" not null,
        kind text collate "C" not null,
        reason text collate "C" not null,
        type text collate "C" not null,
        category text collate "C" not null,
        severity smallint not null,
        keep smallint not null,
        events integer not null,
        occurrences bigint not null,
        first_time timestamptz not null,
        last_time timestamptz not null,
        primary key (bucket, scope, observation, cluster, namespace, kind, reason, type, category, severity, keep)
      ) with (fillfactor = 70)`.execute(db)
    await sql`
      create table subjects (
        subject text collate "C" primary key,
        first_time timestamptz not null,
        last_time timestamptz not null,
        events bigint not null
      ) with (fillfactor = 70)`.execute(db)
    // The time that was given to those that came with none, so that a repeat is one row.
    await sql`
      create table untimed (
        id text collate "C" not null,
        source text collate "C" not null,
        time timestamptz not null,
        primary key (id, source)
      )`.execute(db)
    await sql`create index untimed_time on untimed (time)`.execute(db)
  },
}

const indices = [
  'create index events_object on events (namespace, name, time)',
  'create index events_reason on events (reason, time)',
  'create index events_severity on events (severity, time) where severity >= 13',
  'create index events_correlation on events (correlation) where correlation is not null',
  'create index events_subject on events (subject, time)',
  'create index events_words on events using gin (words)',
  'create index events_data on events using gin (data jsonb_path_ops)',
  'create index events_far_received on events_far (received)',
]
