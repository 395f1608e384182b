import type { Asking } from './asking.ts'
import { wholeOf } from './belongings.ts'
import type { Seen } from './seen.ts'

/** An object that is there, and what is kept beside it. */
export type Entry = {
  seen: Seen
  /** Was it there when its kind was first seen? */
  first: boolean
  asking: Asking
  /** When to look at it again, if nothing changes before. */
  again: number
  probedUntil: number
  /** Why its crontab cannot be honoured. */
  problem: string | undefined
}

/** The objects that are there, by all that they are asked for by; `id` is that of a change. */
export type Entries = {
  get(kind: Seen['kind'], id: string): Entry | undefined
  put(id: string, entry: Entry): void
  drop(id: string, entry: Entry): void
  byUid(uid: string): Entry | undefined
  /** A PipelineRun, by what its parts call it. */
  whole(name: string): Entry | undefined
  all(): Iterable<Entry>
  /** Those of a kind, with their ids. */
  of(kind: Seen['kind']): [id: string, entry: Entry][]
}

export function entriesThere(): Entries {
  const all = new Map<string, { id: string; entry: Entry }>()
  const byUid = new Map<string, Entry>()
  const wholes = new Map<string, Entry>()
  const keyOf = (kind: Seen['kind'], id: string) => `${kind} ${id}`

  return {
    get: (kind, id) => all.get(keyOf(kind, id))?.entry,
    put(id, entry) {
      const { kind, namespace, name, uid } = entry.seen
      all.set(keyOf(kind, id), { id, entry })
      byUid.set(uid, entry)
      if (kind === 'PipelineRun') wholes.set(wholeOf(namespace, name), entry)
    },
    drop(id, { seen: { kind, namespace, name, uid } }) {
      all.delete(keyOf(kind, id))
      byUid.delete(uid)
      if (kind === 'PipelineRun') wholes.delete(wholeOf(namespace, name))
    },
    byUid: uid => byUid.get(uid),
    whole: name => wholes.get(name),
    *all() {
      for (const { entry } of all.values()) yield entry
    },
    of: kind =>
      [...all.values()].flatMap(({ id, entry }): [string, Entry][] =>
        entry.seen.kind === kind ? [[id, entry]] : [],
      ),
  }
}
