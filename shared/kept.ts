import { type RawBuilder, type SqlBool, sql } from 'kysely'

/**
 * Is a row of `events` still kept at that time? Parts of the table are dropped a little later, and nobody sees that. A
 * negative `keep`: its own time is too far off to lie among the days, and it is kept from when it came.
 */
export const isKept = (now: Date): RawBuilder<SqlBool> =>
  sql<SqlBool>`(case when events.keep > 0 then events.time > ${now}::timestamptz - events.keep * interval '24 hours'
    else events.received > ${now}::timestamptz + events.keep * interval '24 hours' end)`
