import type { Seen } from './seen.ts'

/** When which generation of a spec was first seen, by uid: of those that were changed since they were made. */
export type Edits = Map<string, { generation: number; since: number }>

/**
 * Since when an object is as it is now, as far as anybody knows: what was due before is none of its business. A spec that
 * was changed while nobody watched may have been changed just now.
 */
export function sinceOf(seen: Seen, edits: Edits, now: number): number {
  if (seen.generation <= 1) return Math.min(seen.created, now)
  const edit = edits.get(seen.uid)
  return edit?.generation === seen.generation ? Math.min(edit.since, now) : now
}
