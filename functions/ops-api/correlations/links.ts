import type { Kysely, Selectable } from 'kysely'
import type { Link } from '../../../shared/causes/links.ts'
import type { LinksTable, Tables } from '../../../shared/database.ts'
import { bounds, type Source } from './hang.ts'

/** The links that event-store found. */
export function linksIn(db: Kysely<Tables>): Source {
  async function ask(column: 'child' | 'parent', ids: readonly string[]): Promise<Link[]> {
    const rows = await db
      .selectFrom('links')
      .selectAll()
      .where(column, 'in', ids)
      .orderBy('effect_time')
      .orderBy('child')
      .orderBy('parent')
      .orderBy('rule')
      .limit(bounds.links)
      .execute()
    return rows.map(linkOf)
  }
  return { above: children => ask('child', children), below: parents => ask('parent', parents) }
}

const linkOf = ({ child, parent, rule, ...row }: Selectable<LinksTable>): Link => ({
  ...{ child, parent, rule },
  cause: { id: row.cause_id, time: row.cause_time },
  effect: { id: row.effect_id, time: row.effect_time },
})
