import { type Followed, type RunWorld, watchRuns } from '../../../../functions/watcher/runs/run-watch.ts'
import type { Before } from '../../../../functions/watcher/runs/timetable.ts'
import { type Change, objectOf } from '../../../../shared/changes.ts'

/** Unix ms of a time in UTC. */
export const ms = (time: string) => Date.parse(time)

/** An object as it lies in the cluster or in KV; of a namespace `ops`, made at 10:00 on the day of these stories. */
export const thing = (
  name: string,
  { spec = {}, status = {}, ...metadata }: { spec?: object; status?: object; [field: string]: unknown } = {},
) =>
  objectOf({
    metadata: {
      ...{ name, namespace: 'ops', uid: `uid-${name}`, resourceVersion: '1', generation: 1 },
      creationTimestamp: '2026-11-21T10:00:00Z',
      ...metadata,
    },
    spec,
    status,
  })
export type Thing = ReturnType<typeof thing>

/** What a watcher hears, with a clock turned by hand and a bus that can be away. */
export function stage({ at = '2026-11-21T12:00:00Z', ...other }: { at?: string } & Partial<RunWorld> = {}) {
  let now = ms(at)
  let away = false
  const said: string[] = []
  const events: { subject: string; id: string; data: Record<string, unknown> }[] = []
  const ids = new Set<string>()
  let counted = { ordered: 0, missed: 0 }

  const world: RunWorld = {
    ...{ cluster: 'c1', timeZone: 'UTC', jobs: true, wall: () => now },
    given: async () => undefined,
    async publish({ subject, payload, id }) {
      if (away) throw new Error('NATS is away')
      const { data } = JSON.parse(String(payload))
      const duplicate = ids.has(id)
      ids.add(id)
      events.push({ subject, id, data })
      const rest = [data.due?.slice(11, 19), data.job, data.task, data.reason].filter(Boolean)
      said.push([data.order ?? data.type, data.name, ...rest].join(' '))
      return { duplicate }
    },
    ordered: () => counted.ordered++,
    odd(id, error) {
      said.push(`odd ${id} ${String(error)}`)
    },
    missed: runs => {
      counted = { ...counted, missed: counted.missed + runs }
    },
    ...other,
  }
  const watch = watchRuns(world)

  /** Everything that is under way is done. */
  const settle = async () => {
    for (let turns = 0; turns < 10; turns++) await Promise.resolve()
  }
  /** What was said since this was last asked for. */
  const heard = async () => {
    await settle()
    watch.tick()
    await settle()
    return said.splice(0)
  }

  return {
    watch,
    events,
    heard,
    counted: () => counted,
    all: (kind: Followed, ...objects: Thing[]) => watch.take(kind, { kind: 'all', objects }),
    put: (kind: Followed, object: Thing) => watch.take(kind, { kind: 'put', object }),
    gone: (kind: Followed, object: Thing) => watch.take(kind, { kind: 'gone', object }),
    take: (kind: Followed, change: Change) => watch.take(kind, change),
    /** All kinds are seen, and orders are given. */
    begin(before: Partial<Before> = {}, there: Partial<Record<Followed, Thing[]>> = {}) {
      for (const kind of ['Job', 'TaskRun', 'PipelineRun', 'Host', 'Cluster'] as const)
        watch.take(kind, { kind: 'all', objects: there[kind] ?? [] })
      watch.begin({ given: undefined, edits: new Map(), ...before })
    },
    /** The clock is put to a time, without anybody looking between. */
    putClock(time: string) {
      now = ms(time)
    },
    /** Time goes on to then, and everything is seen to as it comes. */
    async until(time: string) {
      const end = ms(time)
      for (let turns = 0; turns < 200_000; turns++) {
        await settle()
        // A process looks at its clock all the time.
        const next = Math.max(Math.min(watch.tick(), now + 5_000), now + 1)
        if (next > end) break
        now = next
      }
      now = end
      return heard()
    },
    bus(is: 'away' | 'back') {
      away = is === 'away'
    },
  }
}
