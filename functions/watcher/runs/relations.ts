import type { Change, ClusterObject } from '../../../shared/changes.ts'
import { hasEnded } from '../../../shared/runs.ts'
import { jobOf, ownedThings, wholeOf } from './belongings.ts'
import { isRun, type Seen, type SeenRun } from './seen.ts'
import type { Belongings } from './wanted.ts'

/** Knows which Jobs are of which TaskRun, and which TaskRuns of which PipelineRun. */
export type Relations = {
  put(seen: Seen): void
  leave(seen: Seen): void
  jobs(change: Change): void
  of(seen: Seen): Omit<Belongings, 'complete'>
}

/** `look` is called with the uid of a run when what belongs to it has changed. */
export function relationsOf(world: {
  run(uid: string): Seen | undefined
  /** By what its parts call it (`wholeOf`). */
  pipelineRun(whole: string): Seen | undefined
  look(uid: string): void
}): Relations {
  const [jobs, parts] = [ownedThings(), ownedThings()]

  function lookAtWhole({ namespace, part }: SeenRun): void {
    const whole = part && world.pipelineRun(wholeOf(namespace, part.of))
    if (whole) world.look(whole.uid)
  }

  function putJob(object: ClusterObject): void {
    const job = jobOf(object)
    if (!job) return
    const { name, uid } = object.metadata
    jobs.put(job.run, name, { task: '', uid, ended: job.ended })
    world.look(job.run)
  }

  function jobGone(run: string, name: string): void {
    jobs.gone(run, name, goesOn(world.run(run)))
    world.look(run)
  }

  return {
    put(seen) {
      if (!isRun(seen)) return
      const { kind, namespace, name, uid, part } = seen
      const ended = hasEnded(seen)
      if (part) parts.put(wholeOf(namespace, part.of), name, { task: part.task, uid, ended })
      if (ended && kind === 'TaskRun') jobs.over(uid)
      if (ended && kind === 'PipelineRun') parts.over(wholeOf(namespace, name))
      lookAtWhole(seen)
    },
    leave(seen) {
      if (!isRun(seen)) return
      const { kind, namespace, name, uid, part } = seen
      if (kind === 'TaskRun') jobs.over(uid)
      else parts.over(wholeOf(namespace, name))
      if (!part) return
      const whole = wholeOf(namespace, part.of)
      parts.gone(whole, name, goesOn(world.pipelineRun(whole)))
      lookAtWhole(seen)
    },
    jobs(change) {
      switch (change.kind) {
        case 'all': {
          const there = new Set(change.objects.map(one => `${jobOf(one)?.run} ${one.metadata.name}`))
          for (const { owner, name } of jobs.there()) if (!there.has(`${owner} ${name}`)) jobGone(owner, name)
          for (const object of change.objects) putJob(object)
          return
        }
        case 'put':
          return putJob(change.object)
        case 'gone':
          return jobGone(jobOf(change.object)?.run ?? '', change.object.metadata.name)
        case 'still':
        case 'unknown':
      }
    },
    of: ({ kind, namespace, name, uid }) => ({
      jobs: kind === 'TaskRun' ? jobs.of(uid) : [],
      parts: kind === 'PipelineRun' ? parts.of(wholeOf(namespace, name)) : [],
    }),
  }
}

const goesOn = (seen: Seen | undefined) => seen !== undefined && isRun(seen) && !hasEnded(seen)
