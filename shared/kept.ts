import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { countsBucket } from './database.ts'

/**
 * Partitions are dropped some time after their last event is too old: until then what is too old is not shown. Of whole
 * buckets of the roll-up, so that both show the same. A negative `keep` counts from when the event came.
 */
export function keptSql(now: number): RawBuilder<SqlBool> {
  const [time, received, keep] = ['time', 'received', 'keep'].map(column => sql.ref(`events.${column}`))
  const since = sql`(case when ${keep} < 0 then ${received} else ${time} end)`
  return sql<SqlBool>`${since} >= ${horizonOf(now)}::timestamptz - abs(${keep}) * interval '24 hours'`
}

/** Before it days of keeping are counted. */
export const horizonOf = (now: number) => new Date(now - (now % countsBucket))
