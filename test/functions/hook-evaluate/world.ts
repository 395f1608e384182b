import { evaluate, type World } from '../../../functions/hook-evaluate/evaluate.ts'
import type { Troubles } from '../../../functions/hook-evaluate/raised.ts'
import type { Note } from '../../../functions/hook-evaluate/silenced.ts'
import { memoryWindows } from '../../../functions/hook-evaluate/windows/memory.ts'
import type { Windows } from '../../../functions/hook-evaluate/windows/windows.ts'
import type { Message } from '../../../shared/adapters/publisher.ts'
import { type Found, isOver } from '../../../shared/adapters/raised.ts'
import type { OpsEvent } from '../../../shared/event.ts'
import type { CompiledHook } from '../../../shared/hookset.ts'
import type { Outcome } from '../../../shared/outcome.ts'
import { delayClasses } from '../../../shared/retries.ts'
import type { Tally } from '../../../shared/tally.ts'
import { compiledHook } from '../../compiled-hook.ts'

/** A hook of pods' events that fires for everything, unless told otherwise. */
export const hook = (about: Partial<CompiledHook> & { name: string }): CompiledHook =>
  compiledHook(`ops-system/${about.name}`, { subject: 'ops.clusters.*.namespaces.*.pods.*.events', ...about })

/** An event of Kubernetes about a pod. */
export const backOff = (more: Partial<OpsEvent> = {}): OpsEvent => ({
  specversion: '1.0',
  id: 'e1',
  source: 'https://example.com/cluster',
  type: 'Kube',
  subject: 'ops.clusters.c1.namespaces.ns1.pods.pod1.events',
  time: '2026-01-31T12:00:00Z',
  data: { type: 'Warning', reason: 'BackOff', message: 'Back-off restarting failed container' },
  ...more,
})

/** Troubles in this process. */
export function memoryTroubles(): Troubles & { lasting(): number } {
  const held = new Map<string, Found>()
  let revision = 0
  return {
    lasting: () => [...held.values()].filter(({ raised }) => raised.over === undefined).length,
    get: async key => held.get(key),
    async open(key, raised) {
      const known = held.get(key)
      if (!known || isOver(known.raised, raised)) held.set(key, { raised, revision: ++revision })
    },
    async close(key, found, over) {
      if (held.get(key)?.revision !== found.revision) return
      held.set(key, { raised: { ...found.raised, over }, revision: ++revision })
    },
  }
}

/** Windows in this process alone. */
export function ownWindows(): Windows {
  const { judge, settle, end } = memoryWindows()
  return {
    judge: async (requests, now) => judge(requests, now),
    settle: async deeds => settle(deeds),
    end: async (window, by) => end(window, by),
  }
}

/** A world of object literals, with a clock that is set by hand. */
export function worldOf(hooks: CompiledHook[], otherwise: Partial<World> = {}) {
  const published: Message[] = []
  const judged = new Map<string, string>()
  const logged: object[] = []
  const notes: Note[] = []
  const troubles = memoryTroubles()
  let clock = Date.parse('2026-01-31T12:00:01Z')
  const world: World = {
    hooks: async () => ({ revision: 's1', hooks }),
    publish: async message => {
      published.push(message)
    },
    silences: async () => [],
    recall: async keys => keys.map(key => judged.get(key)),
    remember: async memos => {
      for (const [key, memo] of memos) judged.set(key, memo)
    },
    windows: ownWindows(),
    troubles,
    note: async more => notes.push(...more),
    now: () => new Date(clock),
    timeZone: 'UTC',
    explains: false,
    log: { debug: fields => logged.push(fields), info() {}, warn() {}, error() {} },
    ...otherwise,
  }
  const told = () => published.map(({ payload }): OpsEvent => JSON.parse(String(payload)))
  const handle = evaluate(world)
  let returned = 0
  return {
    ...{ world, handle, published, judged, logged, notes, troubles, told },
    now: () => clock,
    pass: (milliseconds: number) => {
      clock += milliseconds
    },
    /** What was published for a stream. */
    to: (stream: string) =>
      published.flatMap(({ subject, payload }): OpsEvent[] =>
        subject.startsWith(`${stream}.`) ? [JSON.parse(String(payload))] : [],
      ),
    /** What waits in stream `retries`, once, as the bridge brings it back when it is due. */
    async due(): Promise<Outcome[]> {
      const waiting = published.filter(({ subject }) => subject.startsWith('retries.'))
      const fresh = new Map(waiting.slice(returned).map(message => [message.id, message]))
      returned = waiting.length
      clock = Math.max(clock, ...[...fresh.values()].map(({ headers }) => Number(headers?.['Ops-Due'])))
      return handle([...fresh.values()].map(({ payload }): OpsEvent => JSON.parse(String(payload))))
    },
  }
}

/** The tally of one hook. */
export const tallyOf = (outcome: Outcome | undefined, id: string): Tally[string] | undefined =>
  outcome && outcome.kind !== 'retry' ? outcome.tally?.[id] : undefined

/** Is this a subject under which the bridge brings back what waits for hook-evaluate? */
export const waitsWell = (subject: string): boolean =>
  delayClasses.some(seconds => subject.startsWith(`retries.hook-evaluate.${seconds}.`))
