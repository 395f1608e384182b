import { type Kysely, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import type { Tables } from '../../../shared/database.ts'
import { keptSql } from '../../../shared/kept.ts'
import type { Token } from '../../../shared/tokens.ts'
import { columns, type Row } from '../events/item.ts'
import { anySubjectSql } from '../events/subject-sql.ts'

/** Who asks, and when. */
export type Asker = { token: Pick<Token, 'read'>; now: number }

/** May it see every event, which are all under `ops`? Then what hangs together is what event-store found; else what can be told from its own. */
export const seesAll = ({ token }: Asker) =>
  token.read.some(pattern => pattern === '>' || pattern === 'ops.>')

/** The events of these correlations, as far as they may be seen. */
export function eventsOf(
  db: Kysely<Tables>,
  members: readonly string[],
  asker: Asker,
): SelectQueryBuilder<Tables, 'events', object> {
  return db.selectFrom('events').where('events.correlation', 'in', members).where(maySee(asker))
}

/** Is an event still kept, and for this token? */
export const maySee = ({ token, now }: Asker) =>
  sql<SqlBool>`(${keptSql(now)} and ${anySubjectSql(sql.ref('events.subject'), token.read)})`

// By what no index has: else all days are gone through in order, where few events of the story are.
const inOrder = sql`events.time + interval '0 seconds'`

// What rules and roots look at of the data (shared/causes, shared/correlation.ts): of an event of a megabyte no more is read.
const looked = [
  'cluster',
  'kind',
  'namespace',
  'name',
  'uid',
  'owners',
  'related',
  'claims',
  'volume',
  'storageClass',
]
/** The data of an event, of a large one that alone. */
export const lean = sql<unknown>`case
  when events.data is null or octet_length(events.data::text) <= 65536 then events.data
  when jsonb_typeof(events.data) = 'object' then (
    select jsonb_object_agg(key, value) from jsonb_each(events.data) where key in (${sql.join(looked.map(name => sql.lit(name)))})
  ) end`

/** The first of them, in order. */
export function rowsOf(
  db: Kysely<Tables>,
  members: readonly string[],
  { asker, limit }: { asker: Asker; limit: number },
): Promise<Row[]> {
  return eventsOf(db, members, asker)
    .select(columns.filter(column => column !== 'data'))
    .select(lean.as('data'))
    .orderBy(inOrder)
    .orderBy('id')
    .limit(limit)
    .execute()
}
