import type { ClusterObject } from '../../../shared/changes.ts'
import { labels, labelValue } from '../../../shared/runs.ts'

/** One that belongs to a run; `gone` ones are kept while the run may have to be told. */
type One = { task: string; uid: string; ended: boolean; gone: boolean }

/** What belongs to which run: each under a name of its owner. */
export type Owned = {
  put(owner: string, name: string, one: Omit<One, 'gone'>): void
  /** It is no more; `remembered` while the owner runs. */
  gone(owner: string, name: string, remembered: boolean): void
  of(owner: string): (One & { name: string })[]
  /** The owner has ended: what is gone is forgotten. */
  over(owner: string): void
  /** All that are still there. */
  there(): { owner: string; name: string }[]
}

export function ownedThings(): Owned {
  const owners = new Map<string, Map<string, One>>()

  function drop(owner: string, name: string): void {
    const things = owners.get(owner)
    things?.delete(name)
    if (things?.size === 0) owners.delete(owner)
  }

  return {
    put(owner, name, one) {
      const things = owners.get(owner) ?? new Map<string, One>()
      owners.set(owner, things.set(name, { ...one, gone: false }))
    },
    gone(owner, name, remembered) {
      const one = owners.get(owner)?.get(name)
      if (!one) return
      if (remembered) Object.assign(one, { ended: true, gone: true })
      else drop(owner, name)
    },
    of: owner => [...(owners.get(owner) ?? [])].map(([name, one]) => ({ name, ...one })),
    over(owner) {
      for (const [name, { gone }] of owners.get(owner) ?? []) if (gone) drop(owner, name)
    },
    there: () =>
      [...owners].flatMap(([owner, things]) =>
        [...things].flatMap(([name, { gone }]) => (gone ? [] : [{ owner, name }])),
      ),
  }
}

/** The TaskRun whose Job this is, by its uid, and how the Job stands. */
export function jobOf({ metadata, status }: ClusterObject): { run: string; ended: boolean } | undefined {
  const run = metadata.labels[labels.taskRunUid]
  const conditions = Array.isArray(status.conditions) ? status.conditions : []
  const ended = conditions.some(
    condition => ['Complete', 'Failed'].includes(condition?.type) && condition?.status === 'True',
  )
  return run === undefined ? undefined : { run, ended }
}

/** Under what a PipelineRun and its parts are kept: these know its name as the value of a label only. */
export const wholeOf = (namespace: string, name: string) => `${namespace}/${labelValue(name)}`
