import { type Log, messageOf } from '../../../shared/log.ts'
import type { HookStatus } from '../../../shared/resources/hook-status.ts'
import type { ClusterObject } from './object.ts'
import type { Change } from './reader.ts'
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
  log: Log
}

/** Keeps the status of hooks of the cluster as it should be. */
export type StatusKeeper = {
  take(change: Change): void
  judged(verdicts: Map<string, Verdict>): void
  stop(): void
}

/** One is written every `pace` ms, and the same one again after `every` ms at the earliest. */
export function statusKeeper(world: StatusWorld, { every = 10_000, pace = 100 } = {}): StatusKeeper {
  let hooks = new Map<string, ClusterObject>()
  let verdicts = new Map<string, Verdict>()
  const writtenAt = new Map<string, number>()
  const doubtful = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  function look(ids: Iterable<string>): void {
    for (const id of ids) doubtful.add(id)
    if (doubtful.size > 0 && !stopped) timer ??= setTimeout(turn, pace)
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
      else if (world.wall() - (writtenAt.get(id) ?? 0) >= every) return await write(object, patch)
    }
  }

  async function write(object: ClusterObject, patch: Patch): Promise<void> {
    const { id } = object
    writtenAt.set(id, world.wall())
    try {
      const now = await world.write(object, patch)
      doubtful.delete(id)
      // The watch tells of it a moment later; until then it would look as if nothing were written.
      if (now && hooks.get(id) === object) hooks.set(id, now)
    } catch (error) {
      world.log.warn({ hook: id, err: messageOf(error) }, 'Cannot write the status of a hook, trying again')
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
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
