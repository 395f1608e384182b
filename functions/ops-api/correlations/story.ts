import type { Kysely } from 'kysely'
import type { Link } from '../../../shared/causes/links.ts'
import { becauses } from '../../../shared/causes/reach.ts'
import { sharedBy } from '../../../shared/causes/signs.ts'
import type { Tables } from '../../../shared/database.ts'
import { severityOfNumber } from '../../../shared/severity.ts'
import type { Row } from '../events/item.ts'
import { countOf, type Part } from './count.ts'
import { type Edge, edgesOf } from './edges.ts'
import { bonesOf } from './members.ts'
import { rootsOf } from './roots.ts'
import { type Asker, rowsOf } from './seen.ts'
import { roles, type Story } from './shapes.ts'

/** The story that a correlation belongs to, or undefined where nothing of it may be seen. */
export async function storyOf(
  db: Kysely<Tables>,
  id: string,
  { asker, limit }: { asker: Asker; limit: number },
): Promise<Story | undefined> {
  const bones = await bonesOf(db, id, asker)
  const counted = await countOf(db, bones.members, asker)
  if (counted.events === 0) return undefined
  const rows = await rowsOf(db, bones.members, { asker, limit })
  const edges = edgesOf(rows)
  const roots = rootsOf(rows)
  const { parts, ...sums } = counted
  const root = roots.get(bones.begin)
  return {
    id: bones.begin,
    ...(root && { root }),
    ...sums,
    correlations: parts.map(part => withRoot(part, roots)),
    list: inOrder(rows, edges, bones.links),
    edges,
    links: bones.links.map(({ child, parent, rule, cause, effect }) => ({
      ...{ rule, because: becauses[rule] ?? '', child, parent },
      ...{ cause: cause.id, effect: effect.id },
    })),
    others: bones.others,
    truncated: bones.truncated || rows.length < counted.events,
  }
}

function withRoot(part: Part, roots: ReturnType<typeof rootsOf>) {
  const root = roots.get(part.id)
  return { ...part, ...(root && { root }) }
}

type Role = (typeof roles)[number]

/** Events by time; of those of one time the causes come first. */
function inOrder(rows: readonly Row[], edges: readonly Edge[], links: readonly Link[]): Story['list'] {
  const shares = new Set(links.map(({ child, rule }) => `${child} ${rule}`))
  const causes = new Set(edges.map(({ cause }) => cause))
  const effects = new Set(edges.map(({ effect }) => effect))
  const roleOf = (row: Row): Role => {
    // What several share is not told by an event of its own: those that show it stand for it.
    const isCause =
      causes.has(row.id) || sharedBy(row).some(({ rule }) => shares.has(`${row.correlation} ${rule}`))
    if (effects.has(row.id)) return isCause ? 'both' : 'effect'
    return isCause ? 'cause' : 'beside'
  }
  return rows
    .map(row => ({ row, role: roleOf(row) }))
    .sort(
      (one, other) =>
        one.row.time.getTime() - other.row.time.getTime() ||
        roles.indexOf(one.role) - roles.indexOf(other.role) ||
        (one.row.id < other.row.id ? -1 : 1),
    )
    .map(({ row, role }) => told(row, role))
}

function told(row: Row, role: Role): Story['list'][number] {
  const { id, category, cluster, namespace, kind, name, node, reason, message } = row
  return {
    ...{ id, time: row.time.toISOString(), severity: severityOfNumber(row.severity), category },
    ...{ cluster, namespace, kind, name, node, reason, message },
    ...{ subject: row.subject, occurrences: row.occurrences, correlation: row.correlation ?? '', role },
  }
}
