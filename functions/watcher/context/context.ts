import type { Ask } from '../../../shared/adapters/kubernetes.ts'
import type { Log } from '../../../shared/log.ts'
import type { KubeEvent } from '../events/occurrence.ts'
import { pluralsOf } from '../events/plurals.ts'
import { type Answer, askingOf, type Refused } from './asking.ts'
import type { Enrich } from './enrich.ts'
import { hearsayOf } from './heard.ts'
import { type Known, keyOf, knownOf, type Ref } from './known.ts'
import { memoryOf } from './memory.ts'
import { type Look, type Surroundings, surroundingsOf } from './surroundings.ts'

/** What is found out about events. */
export type Context = {
  /** At once where all of it is known, else within the time that an event may wait; never rejects. */
  of(event: KubeEvent): Surroundings | Promise<Surroundings>
}

/** Where it counts. `left`: something of an event could not be found out. */
export type ContextCounts = {
  left(because: Refused | 'late'): void
  asked(answer: Answer['kind'] | 'forbidden'): void
  /** Tells how many objects are remembered. */
  remembered(size: () => number): void
}

export type ContextWorld = {
  json(ask: Ask): Promise<unknown>
  counts: ContextCounts
  /** Unix ms. */
  wall(): number
  /** Calls back after so many ms; what it returns calls that off. */
  later(ms: number, call: () => void): () => void
  log: Log
}

/** Who owns an object does not change, and of what changes a little is enough to be late. */
const lasts = { owners: 3_600_000, marks: 300_000, pending: 1_000, gone: 600_000, unnamed: 60_000 }
const patience = 2_000
/** The kinds that nearly all events are about. */
const always = [
  ['v1', 'Pod'],
  ['apps/v1', 'ReplicaSet'],
  ['batch/v1', 'Job'],
] as const
const mostSaid = 50

/** Nothing is listed or watched for it: what is missing is asked by name when an event needs it. */
export function contextOf(world: ContextWorld, enrich: Enrich): Context {
  const { counts, log } = world
  const memory = memoryOf<Known>(enrich.entries)
  const hearsay = hearsayOf(enrich.entries)
  const lasting = enrich.labels.length + enrich.annotations.length > 0 ? lasts.marks : lasts.owners
  const said = new Set<string>()
  const { resource } = pluralsOf(
    ask => world.json({ ...ask, signal: AbortSignal.timeout(patience) }),
    world.wall,
  )
  const ask = askingOf(
    {
      ...{ json: world.json, resource, now: world.wall, later: world.later },
      answered(ref, answer) {
        counts.asked(answer.kind)
        if (answer.kind === 'found') keep(ref, answer.object)
        if (answer.kind === 'gone') forget(ref)
      },
      forbidden({ kind, namespace }, why) {
        counts.asked('forbidden')
        if (said.has(kind) || said.size >= mostSaid) return
        said.add(kind)
        log.info({ kind, namespace, err: why }, 'Events go on without what is known of these objects')
      },
    },
    { rate: enrich.qps, burst: enrich.burst },
  )
  counts.remembered(memory.size)
  // The very first events should not wait for what is always needed.
  for (const [apiVersion, kind] of always) void resource(apiVersion, kind).catch(() => {})

  function keep(ref: Ref, object: unknown): void {
    const now = world.wall()
    const { known, alias } = knownOf(ref, object, enrich)
    const until = now + (isPending(ref, known) ? lasts.pending : lasting)
    for (const uid of [known.uid, ...(alias ? [alias] : []), ...(ref.uid === '' ? [''] : [])])
      memory.put(keyOf({ ...ref, uid }), known, until)
    // Another one has its name by now.
    if (ref.uid !== '' && ref.uid !== known.uid && ref.uid !== alias) forget(ref)
  }

  /** It is gone; what was known of it stays, since the last of its events come when it is. */
  function forget(ref: Ref): void {
    const key = keyOf(ref)
    const now = world.wall()
    const until = now + (ref.uid === '' ? lasts.unnamed : lasts.gone)
    memory.put(key, ref.uid === '' ? undefined : memory.get(key, now)?.value, until)
  }

  const look: Look = ref => {
    const now = world.wall()
    const entry = memory.get(keyOf(ref), now)
    if (!entry) return hearsay.of(ref, now)
    if (entry.fresh) return entry.value ?? 'gone'
    if (entry.value && isPending(ref, entry.value)) return { ...entry.value, heard: true }
    // Better an old answer at once; the next event has the new one.
    void ask(ref)
    return entry.value ?? 'gone'
  }

  async function find(event: KubeEvent): Promise<Surroundings> {
    const patience = patienceOf(enrich.wait)
    for (;;) {
      const { found, missing } = surroundingsOf(event, enrich, look)
      const asked = patience.over() ? [] : missing.map(ask)
      const running = asked.filter(one => typeof one !== 'string')
      if (running.length > 0) {
        await Promise.race([Promise.all(running), patience.end()])
        continue
      }
      if (missing.length > 0) counts.left(asked.find(one => typeof one === 'string') ?? 'late')
      patience.leave()
      return found
    }
  }

  /** From when somebody first waits for its end. */
  function patienceOf(ms: number) {
    let over = false
    let leave = () => {}
    let end: Promise<void> | undefined
    return {
      over: () => over,
      leave: () => leave(),
      end() {
        end ??= new Promise(resolve => {
          leave = world.later(ms, () => {
            over = true
            resolve()
          })
        })
        return end
      },
    }
  }

  return {
    of(event) {
      hearsay.hear(event, world.wall())
      const { found, missing } = surroundingsOf(event, enrich, look)
      return missing.length === 0 ? found : find(event)
    },
  }
}

/** It has no node yet, and will have one soon. */
const isPending = (ref: Ref, known: Known) => ref.kind === 'Pod' && known.node === undefined
