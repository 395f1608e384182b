import { type Kysely, sql } from 'kysely'
import { commonRules } from '../../../shared/causes/common.ts'
import type { Sign } from '../../../shared/causes/signs.ts'
import type { Tables } from '../../../shared/database.ts'
import { integers, keepPairs, placesSql, texts } from './keep.ts'

/**
 * Links what shares a trouble with what is shared, where enough roots come together: within a step and its neighbours.
 * Whoever comes in may make a crowd of any step beside its own, so that two steps to each side are looked at.
 */
export async function linkCommons(db: Kysely<Tables>, signs: readonly Sign[]): Promise<void> {
  await sql`
    with place as materialized (${placesSql(signs)}),
    needed (rule, roots) as (
      select * from unnest(
        ${texts(commonRules.map(({ name }) => name))},
        ${integers(commonRules.map(({ roots }) => roots))})
    ),
    center as (
      select distinct rule, key, step + aside as step
      from place cross join unnest(${integers([-1, 0, 1])}) as aside
    ),
    around as materialized (
      select center.step as center, signs.*
      from center join signs
        on signs.rule = center.rule and signs.key = center.key and signs.side = 'shares'
        and signs.step between center.step - 1 and center.step + 1
    ),
    crowd as (
      select rule, key, center from around join needed using (rule)
      group by rule, key, center, roots
      having count(distinct root) >= roots
    ),
    member as materialized (
      select around.*, first_value(time) over ordered as cause_time, first_value(id) over ordered as cause_id
      from around join crowd using (rule, key, center)
      window ordered as (partition by rule, key, center order by time, id)
    ),
    hour as materialized (
      select distinct on (rule, key, center, parent) rule, key, center, parent, time, id
      from member order by rule, key, center, parent, time, id
    ),
    tied as (
      select rule, correlation as child, parent, cause_time, cause_id, time as effect_time, id as effect_id
      from member
      union all
      select 'continues', later.parent, hour.parent, hour.time, hour.id, later.time, later.id
      from hour join hour as later using (rule, key, center)
      where (hour.time, hour.id) < (later.time, later.id)
    ),
    pairs as (select * from tied where child <> parent)
    ${keepPairs}`.execute(db)
}
