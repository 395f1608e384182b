import type { Change, ClusterObject } from '../../../shared/changes.ts'
import { type Asking, askingFor } from './asking.ts'
import { wholeOf } from './belongings.ts'
import { clockOf } from './clock.ts'
import { type GivingWorld, givingBy } from './giving.ts'
import { leavingBy } from './leaving.ts'
import { passedFrom } from './passed.ts'
import { relationsOf } from './relations.ts'
import { isRun, type Seen, seenOf } from './seen.ts'
import { type Edits, sinceOf } from './since.ts'
import { farewell, ordersFor, refusal } from './wanted.ts'

/** The kinds whose changes make orders, and Jobs where there is a cluster. */
export type Followed = Seen['kind'] | 'Job'

export type RunWorld = GivingWorld & {
  /** Of crontabs that name none. */
  timeZone: string
  /** Are there Jobs? */
  jobs: boolean
  /** Until when everything due was given, by whichever watcher. */
  given(): Promise<number | undefined>
}

/** What is remembered of the time before: until when everything due was given, and when specs were changed. */
export type Before = { given: number | undefined; edits: Edits }

/** `news`: there is something new since it was last asked for; `anew`: the clock was put back to before that. */
export type Reached = { given: number; edits: Edits; news: boolean; anew: boolean }

export type RunWatch = {
  take(kind: Followed, change: Change): void
  /** Begins to give orders. */
  begin(before: Before): void
  /** Gives what is due. Returns when there is more to do, in Unix ms. */
  tick(): number
  /** What is to be remembered; nothing while not all is seen. */
  reached(): Reached | undefined
  /** How many have a crontab that is in force. */
  schedules(): number
}

type Entry = {
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

const never = Number.POSITIVE_INFINITY
/** Clocks of replicas differ by less. */
const skew = 60_000
const kinds = ['TaskRun', 'PipelineRun', 'Host', 'Cluster'] as const

/**
 * Follows runs, hosts and clusters, and orders what is to be done about them (shared/orders.ts), each order until the bus
 * holds it. It remembers what it has given; all else follows from how the objects stand.
 */
export function watchRuns(world: RunWorld): RunWatch {
  const { timeZone, wall } = world
  const entries = new Map<string, Entry>()
  const byUid = new Map<string, Entry>()
  /** PipelineRuns, by what their parts call them. */
  const wholes = new Map<string, Entry>()
  const listed = new Set<Followed>()
  // A cluster that is just starting may not know them yet.
  const unknown = new Set<Followed>()
  const edits: Edits = new Map()
  const passed = passedFrom(wall())
  const { give, giveDue } = givingBy(world)
  const clock = clockOf({
    ...{ timeZone, passed, wall, given: world.given },
    async give(seen, due) {
      await giveDue(seen, due)
      news = true
    },
  })
  const leaving = leavingBy(give)
  const relations = relationsOf({
    run: uid => byUid.get(uid)?.seen,
    pipelineRun: whole => wholes.get(whole)?.seen,
    look: uid => look(byUid.get(uid)),
  })
  let before: Before | undefined
  let [news, anew] = [false, false]

  function look(entry: Entry | undefined, now = wall()): void {
    if (!entry || !before) return
    const verdict = verdictOn(entry, now)
    entry.again = Math.min(verdict.again ?? never, entry.asking.want(verdict.wanted, now))
  }

  function verdictOn({ seen, problem, probedUntil }: Entry, now: number) {
    if (isRun(seen) && problem !== undefined) return refusal(seen, problem)
    const complete = listed.has('TaskRun') && (listed.has('Job') || !world.jobs)
    return ordersFor(seen, { belongings: { ...relations.of(seen), complete }, probedUntil }, now)
  }

  function put(kind: Seen['kind'], object: ClusterObject): void {
    const seen = seenOf(kind, object)
    const key = keyOf(kind, object.id)
    const known = entries.get(key)
    // What is being deleted begins nothing any more.
    const deleted = object.metadata.deletionTimestamp !== undefined
    if (known && (deleted || known.seen.uid !== seen.uid)) leave(key, known)
    if (deleted) return
    const entry = entries.get(key) ?? newEntry(seen, !listed.has(kind))
    const generation = known === entry ? entry.seen.generation : undefined
    entry.seen = seen
    entries.set(key, entry)
    byUid.set(seen.uid, entry)
    if (kind === 'PipelineRun') wholes.set(wholeOf(seen.namespace, seen.name), entry)
    if (generation !== seen.generation) schedule(entry, generation !== undefined)
    relations.put(seen)
    look(entry)
  }

  function newEntry(seen: Seen, first: boolean): Entry {
    const failed = (again: number) => {
      entry.again = Math.min(entry.again, again)
    }
    const asking = askingFor({ give, wall, failed })
    const entry = { seen, first, asking, again: never, probedUntil: 0, problem: undefined }
    return entry
  }

  /** Tells the clock of it, as it is from now on. */
  function schedule(entry: Entry, edited: boolean): void {
    if (!before) return
    const { seen, first } = entry
    const now = wall()
    const given = first ? Math.min(before.given ?? now, now) : now
    if (!edited) entry.probedUntil = given
    if (!isRun(seen)) return
    entry.problem = undefined
    if (seen.crontab === undefined) return clock.drop(seen.uid)
    const since = edited ? now : sinceOf(seen, edits, now)
    if (seen.generation > 1) edits.set(seen.uid, { generation: seen.generation, since })
    news = true
    const acted = seen.lastSchedule !== undefined && seen.lastSchedule <= now ? seen.lastSchedule : 0
    entry.problem = clock.put(seen, Math.max(since, acted, first && !edited ? given : 0))
  }

  function leave(key: string, { seen }: Entry): void {
    entries.delete(key)
    byUid.delete(seen.uid)
    if (seen.kind === 'PipelineRun') wholes.delete(wholeOf(seen.namespace, seen.name))
    clock.drop(seen.uid)
    edits.delete(seen.uid)
    const last = farewell(seen)
    if (last) leaving.add(last)
    relations.leave(seen)
  }

  function takeObjects(kind: Seen['kind'], change: Change): void {
    switch (change.kind) {
      case 'all': {
        const there = new Set(change.objects.map(({ id }) => keyOf(kind, id)))
        for (const [key, entry] of entries) if (entry.seen.kind === kind && !there.has(key)) leave(key, entry)
        for (const object of change.objects) put(kind, object)
        return
      }
      case 'put':
        return put(kind, change.object)
      case 'gone': {
        const key = keyOf(kind, change.object.id)
        const entry = entries.get(key)
        if (entry?.seen.uid === change.object.metadata.uid) leave(key, entry)
        return
      }
      case 'still':
      case 'unknown':
    }
  }

  return {
    take(kind, change) {
      if (kind === 'Job') relations.jobs(change)
      else takeObjects(kind, change)
      if (change.kind === 'unknown') unknown.add(kind)
      if (listed.has(kind) || change.kind !== 'all') return
      listed.add(kind)
      for (const entry of entries.values()) look(entry)
    },
    begin(known) {
      before = known
      // Somebody's clock was far ahead when that was written.
      anew = known.given !== undefined && known.given > wall() + skew
      for (const [uid, edit] of known.edits) edits.set(uid, edit)
      for (const entry of entries.values()) {
        schedule(entry, false)
        look(entry)
      }
    },
    tick() {
      if (!before) return never
      const now = wall()
      const step = passed.reach(now, clock.given)
      if (step !== 'on') clock.back()
      if (step === 'anew') clock.anew(now)
      anew ||= step === 'anew'
      clock.tick(now)
      let soonest = clock.next()
      for (const entry of entries.values()) {
        if (step !== 'on') {
          entry.probedUntil = now
          entry.asking.back()
        }
        if (step !== 'on' || entry.again <= now) look(entry, now)
        soonest = Math.min(soonest, entry.again)
      }
      leaving.tick(now)
      return soonest
    },
    reached() {
      if (!before || !kinds.every(kind => listed.has(kind) || unknown.has(kind))) return undefined
      for (const uid of edits.keys()) if (!byUid.has(uid)) edits.delete(uid)
      const reached = { given: clock.given(wall()), edits, news, anew }
      news = false
      anew = false
      return reached
    },
    schedules: clock.size,
  }
}

const keyOf = (kind: Seen['kind'], id: string) => `${kind} ${id}`
