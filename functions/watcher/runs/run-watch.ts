import type { Change, ClusterObject } from '../../../shared/changes.ts'
import { askingFor } from './asking.ts'
import { type Entry, entriesThere } from './entries.ts'
import { type GivingWorld, givingBy } from './giving.ts'
import { leavingBy } from './leaving.ts'
import { relationsOf } from './relations.ts'
import { isRun, type Seen, seenOf } from './seen.ts'
import { type Before, type Reached, timetableOf } from './timetable.ts'
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
  /** Told of an object that cannot be dealt with, which keeps none of the others waiting. */
  odd(id: string, error: unknown): void
}

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

const never = Number.POSITIVE_INFINITY
const kinds = ['TaskRun', 'PipelineRun', 'Host', 'Cluster'] as const

/**
 * Follows runs, hosts and clusters, and orders what is to be done about them (shared/orders.ts), each order until the bus
 * holds it. It remembers what it has given; all else follows from how the objects stand.
 */
export function watchRuns(world: RunWorld): RunWatch {
  const { timeZone, wall, given } = world
  const entries = entriesThere()
  const listed = new Set<Followed>()
  // A cluster that is just starting may not know them yet.
  const unknown = new Set<Followed>()
  const { give, giveDue } = givingBy(world)
  const timetable = timetableOf({ timeZone, wall, given, give: giveDue })
  const leaving = leavingBy(give)
  const relations = relationsOf({
    run: uid => entries.byUid(uid)?.seen,
    pipelineRun: whole => entries.whole(whole)?.seen,
    look: uid => look(entries.byUid(uid)),
  })
  let begun = false

  function look(entry: Entry | undefined, now = wall()): void {
    if (!entry || !begun) return
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
    const known = entries.get(kind, object.id)
    // What is being deleted begins nothing any more.
    const deleted = object.metadata.deletionTimestamp !== undefined
    if (known && (deleted || known.seen.uid !== seen.uid)) leave(object.id, known)
    if (deleted) return
    const entry = entries.get(kind, object.id) ?? newEntry(seen, !listed.has(kind))
    const generation = known === entry ? entry.seen.generation : undefined
    entry.seen = seen
    entries.put(object.id, entry)
    if (generation !== seen.generation) timetable.put(entry, generation !== undefined)
    relations.put(seen)
    look(entry)
  }

  function newEntry(seen: Seen, first: boolean): Entry {
    const failed = (again: number) => {
      entry.again = Math.min(entry.again, again)
    }
    const asking = askingFor({ give, wall, failed })
    const entry: Entry = { seen, first, asking, again: never, probedUntil: 0, problem: undefined }
    return entry
  }

  function leave(id: string, entry: Entry): void {
    const { seen } = entry
    entries.drop(id, entry)
    timetable.drop(seen)
    const last = farewell(seen)
    if (last) leaving.add(last)
    relations.leave(seen)
  }

  function alone(id: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      world.odd(id, error)
    }
  }

  function takeObjects(kind: Seen['kind'], change: Change): void {
    switch (change.kind) {
      case 'all': {
        const there = new Set(change.objects.map(({ id }) => id))
        for (const [id, entry] of entries.of(kind)) if (!there.has(id)) leave(id, entry)
        for (const object of change.objects) alone(object.id, () => put(kind, object))
        return
      }
      case 'put':
        return alone(change.object.id, () => put(kind, change.object))
      case 'gone': {
        const { id, metadata } = change.object
        const entry = entries.get(kind, id)
        if (entry?.seen.uid === metadata.uid) leave(id, entry)
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
      for (const entry of entries.all()) look(entry)
    },
    begin(before) {
      begun = true
      timetable.begin(before)
      for (const entry of entries.all()) {
        timetable.put(entry, false)
        look(entry)
      }
    },
    tick() {
      if (!begun) return never
      const now = wall()
      const { next, back } = timetable.tick(now)
      let soonest = next
      for (const entry of entries.all()) {
        if (back) {
          entry.probedUntil = now
          entry.asking.back()
        }
        if (back || entry.again <= now) {
          entry.again = never
          alone(entry.seen.name, () => look(entry, now))
        }
        soonest = Math.min(soonest, entry.again)
      }
      leaving.tick(now)
      return soonest
    },
    reached() {
      if (!begun || !kinds.every(kind => listed.has(kind) || unknown.has(kind))) return undefined
      return timetable.reached(uid => entries.byUid(uid) !== undefined)
    },
    schedules: timetable.size,
  }
}
