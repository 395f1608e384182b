import type { Change, ClusterObject } from '../../../shared/changes.ts'
import type { Line } from '../../../shared/ledger.ts'
import { type Log, messageOf } from '../../../shared/log.ts'
import type { HookStatus } from '../../../shared/resources/hook-status.ts'
import { lackingCounters } from './counters.ts'
import { lackingStatus, type Verdict } from './ready.ts'

/** What is written of a hook; fields that are not given stay. */
export type Patch = Partial<HookStatus>

export type StatusWorld = {
  /** Is this the replica that writes? */
  mayWrite(): boolean
  /** Writes, and resolves with the hook as it is then; undefined when it is gone or another one by now. */
  write(object: ClusterObject, patch: Patch): Promise<ClusterObject | undefined>
  /** Unix ms. */
  wall(): number
  /** What they are, a hook where nothing is said. */
  what?: string
  log: Log
}

/** Keeps the status of hooks of the cluster as it should be. */
export type StatusKeeper = {
  take(change: Change): void
  judged(verdicts: Map<string, Verdict>): void
  /** What the ledger says of them, by id. */
  counted(lines: Map<string, Line>): void
  stop(): void
}

/** One is written every `pace` ms, and the same one again after `every` ms at the earliest. */
export function statusKeeper(world: StatusWorld, { every = 10_000, pace = 100 } = {}): StatusKeeper {
  let hooks = new Map<string, ClusterObject>()
  let verdicts = new Map<string, Verdict>()
  let lines = new Map<string, Line>()
  const writtenAt = new Map<string, number>()
  const doubtful = new Set<string>()
  // Those whose counters may lag: they wait for the others, since with many hooks that fire it is always some.
  const behind = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  function look(ids: Iterable<string>): void {
    for (const id of ids) {
      doubtful.add(id)
      if (lines.has(id)) behind.add(id)
    }
    if (doubtful.size + behind.size > 0 && !stopped) timer ??= setTimeout(turn, pace)
  }

  async function turn(): Promise<void> {
    if (world.mayWrite()) await writeOne()
    timer = undefined
    look([])
  }

  /** Writes the first that lacks something and is due; those that lack nothing are done with on the way. */
  async function writeOne(): Promise<void> {
    for (const id of doubtful) {
      const object = hooks.get(id)
      const verdict = verdicts.get(id)
      const patch = object && verdict && lackingStatus(object, verdict, world.wall())
      if (!object || !patch) doubtful.delete(id)
      else if (isDue(id)) return await write(object, { ...patch, ...countersLackingTo(object) })
    }
    for (const id of behind) {
      const object = hooks.get(id)
      const patch = object && countersLackingTo(object)
      if (!object || !patch) behind.delete(id)
      else if (isDue(id)) return await write(object, patch)
    }
  }

  const isDue = (id: string) => world.wall() - (writtenAt.get(id) ?? 0) >= every

  function countersLackingTo(object: ClusterObject): Patch | undefined {
    const line = lines.get(object.id)
    return line && lackingCounters(object, line)
  }

  async function write(object: ClusterObject, patch: Patch): Promise<void> {
    const { id } = object
    writtenAt.set(id, world.wall())
    try {
      const now = await world.write(object, patch)
      doubtful.delete(id)
      behind.delete(id)
      // The watch tells of it a moment later; until then it would look as if nothing were written.
      if (now && hooks.get(id) === object) hooks.set(id, now)
    } catch (error) {
      const { what = 'hook' } = world
      world.log.warn(
        { [what]: id, err: messageOf(error) },
        `Cannot write the status of a ${what}, trying again`,
      )
    }
  }

  return {
    take(change) {
      switch (change.kind) {
        case 'all':
          hooks = new Map(change.objects.map(object => [object.id, object]))
          for (const id of writtenAt.keys()) if (!hooks.has(id)) writtenAt.delete(id)
          return look(hooks.keys())
        case 'put':
          hooks.set(change.object.id, change.object)
          return look([change.object.id])
        case 'gone':
          hooks.delete(change.object.id)
          writtenAt.delete(change.object.id)
          return
        case 'still':
        case 'unknown':
          return
      }
    },
    judged(judged) {
      verdicts = judged
      look(verdicts.keys())
    },
    counted(counted) {
      lines = counted
      for (const id of lines.keys()) behind.add(id)
      look([])
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
