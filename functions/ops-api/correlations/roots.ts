import type { Seen } from '../../../shared/causes/rule.ts'
import { sharedBy } from '../../../shared/causes/signs.ts'
import { rootSeen } from '../../../shared/causes/ties.ts'
import { correlationIdOf } from '../../../shared/correlation.ts'

/** What events are about in the end. */
export type RootShown = { cluster: string; kind: string; namespace?: string; name: string }

/** What each correlation is about that one of these events says it of: its own, and what it shares with others. */
export function rootsOf(rows: readonly Seen[]): Map<string, RootShown> {
  const roots = new Map<string, RootShown>()
  for (const row of rows) {
    const { correlation, cluster } = row
    if (correlation === null) continue
    const root = roots.has(correlation) ? undefined : rootSeen(row)
    if (root) roots.set(correlation, shown(root))
    for (const { shared } of sharedBy(row)) {
      const id = correlationIdOf({ cluster, ...shared }, row.time.getTime())
      if (!roots.has(id)) roots.set(id, shown({ cluster, ...shared }))
    }
  }
  return roots
}

type Said = { cluster: string; kind: string; namespace?: string | undefined; name: string }

const shown = ({ cluster, kind, namespace, name }: Said): RootShown => ({
  ...{ cluster, kind },
  ...(namespace && { namespace }),
  name,
})
