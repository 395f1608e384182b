import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Sign } from '../../../shared/causes/signs.ts'
import type { Tables } from '../../../shared/database.ts'
import { integerArray, textArray } from '../arrays.ts'

/** Keeps signs; of a step that is known already the earlier event. */
export async function keepSigns(db: Kysely<Tables>, signs: readonly Sign[]): Promise<void> {
  await sql`
    insert into signs (rule, key, side, step, correlation, root, parent, time, id)
    select * from unnest(
      ${texts(signs.map(({ rule }) => rule))},
      ${texts(signs.map(({ key }) => key))},
      ${texts(signs.map(({ side }) => side))},
      ${integers(signs.map(({ step }) => step))},
      ${texts(signs.map(({ correlation }) => correlation))},
      ${texts(signs.map(({ root }) => root))},
      ${texts(signs.map(({ parent }) => parent))},
      ${times(signs.map(({ time }) => time))},
      ${texts(signs.map(({ id }) => id))})
    on conflict (rule, key, side, step, correlation)
    do update set time = excluded.time, id = excluded.id
    where (excluded.time, excluded.id) < (signs.time, signs.id)`.execute(db)
}

/** These signs as rows `(rule, key, side, step, correlation)` of a query. */
export const placesSql = (signs: readonly Sign[]): RawBuilder<unknown> => sql`
  select * from unnest(
    ${texts(signs.map(({ rule }) => rule))},
    ${texts(signs.map(({ key }) => key))},
    ${texts(signs.map(({ side }) => side))},
    ${integers(signs.map(({ step }) => step))},
    ${texts(signs.map(({ correlation }) => correlation))}) as place (rule, key, side, step, correlation)`

/** Values for `unnest`, one parameter each. */
export const texts = (values: readonly string[]) => sql`${textArray(values)}::text[]`
export const integers = (values: readonly number[]) => sql`${integerArray(values)}::bigint[]`
const times = (values: readonly Date[]) =>
  sql`${textArray(values.map(time => time.toISOString()))}::text[]::timestamptz[]`

/** Keeps the rows of the query `pairs`, for each link that of the earliest cause and then of the earliest effect. */
export const keepPairs = sql`
  insert into links (child, parent, rule, time, cause_id, cause_time, effect_id, effect_time)
  select distinct on (child, parent, rule)
    child, parent, rule, effect_time, cause_id, cause_time, effect_id, effect_time
  from pairs
  order by child, parent, rule, cause_time, cause_id, effect_time, effect_id
  on conflict (child, parent, rule)
  do update set
    time = excluded.time,
    cause_id = excluded.cause_id,
    cause_time = excluded.cause_time,
    effect_id = excluded.effect_id,
    effect_time = excluded.effect_time
  where (excluded.cause_time, excluded.cause_id, excluded.effect_time, excluded.effect_id)
    < (links.cause_time, links.cause_id, links.effect_time, links.effect_id)`
