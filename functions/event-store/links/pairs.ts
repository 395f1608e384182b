import { type Kysely, sql } from 'kysely'
import { reaches } from '../../../shared/causes/reach.ts'
import type { Sign } from '../../../shared/causes/signs.ts'
import type { Tables } from '../../../shared/database.ts'
import { integers, keepPairs, placesSql, texts } from './keep.ts'

/** Links causes among these signs with all their effects, and effects with all their causes. */
export async function linkPairs(db: Kysely<Tables>, signs: readonly Sign[]): Promise<void> {
  await sql`
    with place as materialized (${placesSql(signs)}),
    reach (rule, within, slack) as (
      select * from unnest(
        ${texts(reaches.map(({ rule }) => rule))},
        ${integers(reaches.map(({ within }) => within))},
        ${integers(reaches.map(({ slack }) => slack))})
    ),
    own as (
      select signs.*, reach.within, reach.slack
      from place
      join signs using (rule, key, side, step, correlation)
      join reach using (rule)
    ),
    tied as (
      select own.rule, own.correlation as parent, own.time as cause_time, own.id as cause_id,
        other.correlation as child, other.time as effect_time, other.id as effect_id
      from own join signs as other
        on other.rule = own.rule and other.key = own.key and other.side = 'effect'
        and other.step between own.step - own.slack and own.step + own.within
      where own.side = 'cause'
      union all
      select own.rule, other.correlation, other.time, other.id, own.correlation, own.time, own.id
      from own join signs as other
        on other.rule = own.rule and other.key = own.key and other.side = 'cause'
        and other.step between own.step - own.within and own.step + own.slack
      where own.side = 'effect'
    ),
    pairs as (select * from tied where child <> parent)
    ${keepPairs}`.execute(db)
}
