import type { Kysely } from 'kysely'
import type { Link } from '../../../shared/causes/links.ts'
import type { Tables } from '../../../shared/database.ts'
import { above, beginningsIn, below } from './hang.ts'
import type { Asker } from './seen.ts'
import { sourceFor } from './source.ts'

/** A story's bones. `begin`: the correlation that it begins with, and whose id it has; `others`: what else may be it. */
export type Bones = { begin: string; others: string[]; members: string[]; links: Link[]; truncated: boolean }

/**
 * What the story of a correlation consists of: it begins with the earliest of what it follows from, and has all that
 * follows from that.
 */
export async function bonesOf(db: Kysely<Tables>, id: string, asker: Asker): Promise<Bones> {
  const { source, truncated } = await sourceFor(db, [id], asker)
  const up = await above([id], source)
  const [begin = id, ...others] = beginningsIn(up)(id)
  const down = await below([begin], source)
  // What is too far from its beginning to be found from there belongs to it all the same.
  const members = down.members.includes(id) ? down.members : [...down.members, id]
  return { begin, others, members, links: down.links, truncated: truncated || up.truncated || down.truncated }
}

/**
 * The correlation ids of all that belongs to the stories of these, themselves included: what `correlation=X` of a
 * question means. No more than the token may see hangs together; `truncated` where a story was cut.
 */
export async function membersOf(
  db: Kysely<Tables>,
  ids: readonly string[],
  asker: Asker,
): Promise<{ ids: string[]; truncated: boolean }> {
  const all: Bones[] = []
  for (const id of new Set(ids)) all.push(await bonesOf(db, id, asker))
  return {
    ids: [...new Set(all.flatMap(({ members }) => members))],
    truncated: all.some(({ truncated }) => truncated),
  }
}
