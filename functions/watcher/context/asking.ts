import { type Ask, KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import { messageOf } from '../../../shared/log.ts'
import { type Limit, limiter } from '../../../shared/rate.ts'
import { isReadWhole, keyOf, type Ref } from './known.ts'

/** Why nobody waits for an answer: too much was asked, it does not answer, or it is not told to us. */
export type Refused = 'rate' | 'away' | 'forbidden'

/** What became of a question. */
export type Answer =
  | { kind: 'found'; object: unknown }
  | { kind: 'gone' }
  /** Not now; the next question may be answered. */
  | { kind: 'failed' }

export type AskingWorld = {
  json(ask: Ask): Promise<unknown>
  /** How a kind is found in the API; undefined where it has no such kind. @throws Error while it does not answer */
  resource(apiVersion: string, kind: string): Promise<{ plural: string; namespaced: boolean } | undefined>
  answered(ref: Ref, answer: Answer): void
  /** Objects of this kind are not told to us, in this namespace or at all. */
  forbidden(ref: Ref, why: string): void
  /** Unix ms. */
  now(): number
  /** Calls back after so many ms, unless the process ends first or it is called off. */
  later(ms: number, call: () => void): () => void
}

const atOnce = 8
/** So many wait for their turn with an event that waits for them, and so many for whoever comes later. */
const most = { soon: 100, waiting: 500 }
/** After so long an answer is late: whoever comes then need not wait for another one. */
const slow = 300
const patience = 2_000
/** After a refusal, and where only this kind does not answer: one that an API server of somebody else's serves, say. */
const closed = { forbidden: 600_000, failing: 30_000 }
const mostClosed = 1_000
const pause = { first: 1_000, most: 60_000 }
const metadataAlone = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'

/**
 * Asks the API server for single objects by name: each once at a time, no more of them than the rate allows, and none
 * for a while where it does not answer. The rest waits in a queue, for whoever asks next.
 */
export function askingOf(world: AskingWorld, rate: Limit): (ref: Ref) => Promise<void> | Refused {
  const limits = limiter(rate)
  const running = new Map<string, { since: number; done: Promise<void> }>()
  const waiting = new Map<string, { ref: Ref; started: Promise<void>; start(work: Promise<void>): void }>()
  const closedUntil = new Map<string, number>()
  let failures = 0
  let away = 0
  let waking = false

  const placeOf = ({ apiVersion, kind, namespace }: Ref) => `${apiVersion} ${kind} ${namespace}`

  function pump(): void {
    for (const [key, { ref, start }] of waiting) {
      const now = world.now()
      const rest = Math.max(limits.wait('', now), away - now)
      // Where it did not answer, one question tells whether it does again.
      if (running.size >= (failures > 0 ? 1 : atOnce)) return
      if (rest > 0) return wake(rest)
      waiting.delete(key)
      limits.charge('', 1, now)
      const done = perform(ref).finally(() => {
        running.delete(key)
        pump()
      })
      running.set(key, { since: now, done })
      start(done)
    }
  }

  function wake(ms: number): void {
    if (waking) return
    waking = true
    world.later(Math.ceil(ms), () => {
      waking = false
      pump()
    })
  }

  async function perform(ref: Ref): Promise<void> {
    try {
      const ask = await askFor(ref)
      if (!ask) return
      const object = await world.json({ ...ask, signal: AbortSignal.timeout(patience) })
      failures = 0
      world.answered(ref, { kind: 'found', object })
    } catch (error) {
      failed(ref, error)
    }
  }

  async function askFor(ref: Ref): Promise<Ask | undefined> {
    const { apiVersion, kind, namespace, name } = ref
    const resource = await world.resource(apiVersion, kind).catch(() => 'unknown' as const)
    if (resource === 'unknown') {
      close(ref, closed.failing)
      world.answered(ref, { kind: 'failed' })
      return undefined
    }
    if (!resource) {
      refuse(ref, 'the API server has no such kind')
      return undefined
    }
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const scope =
      resource.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : ''
    return {
      path: `${group}${scope}/${resource.plural}/${encodeURIComponent(name)}`,
      ...(!isReadWhole(kind) && { accept: metadataAlone }),
    }
  }

  function failed(ref: Ref, error: unknown): void {
    const status = error instanceof KubernetesError ? error.status : 0
    if (status === 404) {
      failures = 0
      return world.answered(ref, { kind: 'gone' })
    }
    if (status === 403) {
      failures = 0
      return refuse(ref, messageOf(error))
    }
    world.answered(ref, { kind: 'failed' })
    if (status !== 0 && status !== 429) return close(ref, closed.failing)
    failures++
    const asked = error instanceof KubernetesError ? (error.after ?? 0) : 0
    const rest = Math.min(pause.first * 2 ** (failures - 1), pause.most)
    away = world.now() + Math.max(asked, rest)
    // Whoever waits for a turn learns at once that there is none.
    for (const { start } of waiting.values()) start(Promise.resolve())
    waiting.clear()
  }

  function refuse(ref: Ref, why: string): void {
    close(ref, closed.forbidden)
    world.forbidden(ref, why)
  }

  function close(ref: Ref, ms: number): void {
    if (closedUntil.size > mostClosed) closedUntil.clear()
    closedUntil.set(placeOf(ref), world.now() + ms)
  }

  return ref => {
    const now = world.now()
    const key = keyOf(ref)
    const known = running.get(key)
    if (known) return known.done
    if (!isPlain(ref) || (closedUntil.get(placeOf(ref)) ?? 0) > now) return 'forbidden'
    if (away > now) return 'away'
    const queued = waiting.get(key) ?? enqueue(key, ref)
    pump()
    const [oldest] = running.values()
    const isSlow = oldest !== undefined && now - oldest.since > slow
    const isSoon = queued && !isSlow && limits.wait('', now) === 0 && waiting.size <= most.soon
    return running.get(key)?.done ?? (isSoon ? queued.started : 'rate')
  }

  function enqueue(key: string, ref: Ref) {
    if (waiting.size >= most.waiting) return undefined
    const { promise: started, resolve: start } = Promise.withResolvers<void>()
    const entry = { ref, started, start: (work: Promise<void>) => start(work) }
    waiting.set(key, entry)
    return entry
  }
}

/** Whoever makes an event or an object writes what he likes: a path with `..` in it would ask for something else. */
const isPlain = ({ namespace, name }: Ref): boolean =>
  /^[a-z0-9-]{0,63}$/.test(namespace) && /^(?!\.{1,2}$)[^/\\%?#\s]{1,253}$/.test(name)
