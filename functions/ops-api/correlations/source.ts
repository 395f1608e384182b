import type { Kysely } from 'kysely'
import { linksOf } from '../../../shared/causes/links.ts'
import { signsOf } from '../../../shared/causes/signs.ts'
import type { Tables } from '../../../shared/database.ts'
import { above, among, below, type Source } from './hang.ts'
import { linksIn } from './links.ts'
import { type Asker, rowsOf, seesAll } from './seen.ts'

/** So many events are looked at, where only some may be seen. */
const mostLookedAt = 5_000

/**
 * The links around these correlations. For whoever may see all events they are those that event-store found; for others
 * those that there would be if there were no events but theirs.
 */
export async function sourceFor(
  db: Kysely<Tables>,
  ids: readonly string[],
  asker: Asker,
): Promise<{ source: Source; truncated: boolean }> {
  const all = linksIn(db)
  if (seesAll(asker) || ids.length === 0) return { source: all, truncated: false }
  const up = await above(ids, all)
  const wide = await below(up.members, all)
  const rows = await rowsOf(db, wide.members, { asker, limit: mostLookedAt })
  return { source: among(linksOf(rows.flatMap(signsOf))), truncated: rows.length === mostLookedAt }
}
