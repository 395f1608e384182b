import { type Ask, type Change, KubernetesError } from '../../../shared/adapters/kubernetes.ts'
import { messageOf } from '../../../shared/log.ts'
import { asking, type Collection, pageOf, versionOf } from './pages.ts'
import { isNewer, type Place } from './place.ts'

/** What reading the events of a cluster brings, in order. `place`: how far they are seen with this one. */
export type Sighting =
  | { kind: 'seen'; operation: 'ADDED' | 'MODIFIED' | 'DELETED'; object: unknown; place: Place }
  /** Of a list: versions are missing between those that were seen before `since` (Unix ms) and this one. */
  | { kind: 'listed'; object: unknown; since: number; first: boolean }
  /** `anew`: the cluster counts from an earlier number again. */
  | { kind: 'reached'; place: Place; anew: boolean }
  /** Of what happened in between only what still exists was seen, so many objects. */
  | { kind: 'gap'; from: Place; to: number; because: string; recovered: number }

export type World = {
  json(ask: Ask): Promise<unknown>
  watch(ask: Ask, signal: AbortSignal): Promise<AsyncIterable<Change>>
  /** Where the replicas are together, or undefined at the very first start. */
  place(): Promise<Place | undefined>
  /** A watch is open from now on. */
  opened(): void
  /** It ended, or could not be opened; a few words, fit for a metric's label. */
  ended(reason: string): void
  sleep(ms: number): Promise<void>
  random(): number
  /** Unix milliseconds. */
  wall(): number
}

/** How long a watch lives, at random from `least` to `least + spread`, and how much later it counts as dead; seconds. */
export type Seconds = { least: number; spread: number; grace: number }

/** Below the five minutes after which etcd forgets: events send no bookmarks, so a quiet watch ages. */
export const watchSeconds: Seconds = { least: 120, spread: 120, grace: 15 }

const pageSize = 250
/** A watch that ends within this time, with nothing seen, may be one from a version that is gone (k/k 137089). */
const atOnce = 1_000
const mostAtOnce = 3
/** At the very first start only what happened this recently is news. */
const recent = 120_000
/** Between a watch and the list after it nothing of note is lost in this time. */
const blink = 2_000
/** Kubernetes keeps an event so long: after a shorter silence whatever happened is still there to be listed. */
const kept = 3_600_000

/**
 * All events of a collection from the common place on, for ever: one watch after the other, and a list where the
 * server has forgotten the place. Never throws for what the server does; ends when `signal` does.
 */
export async function* sightings(
  world: World,
  collection: Collection,
  signal: AbortSignal,
  seconds: Seconds = watchSeconds,
): AsyncGenerator<Sighting, void> {
  let at: Place | undefined
  let forgotten: string | undefined
  let failures = 0
  let endedAtOnce = 0

  while (!signal.aborted) {
    try {
      await resume()
      if (!at || forgotten) yield* list()
      yield* watch()
      failures = 0
    } catch (error) {
      if (signal.aborted) return
      world.ended(wordOf(error))
      failures++
      if (hasForgotten(error)) forgotten ??= messageOf(error).replace(/\.$/, '')
      // That it has forgotten is no failure of the server, unless a list does not help either.
      if (!hasForgotten(error) || failures > 1) await world.sleep(backOff(failures, error, world.random()))
    }
  }

  /** Goes where a twin is, if that is further: what lies before is on the bus. */
  async function resume(): Promise<void> {
    const common = await world.place().catch(error => {
      // Without the bus one may go on from where one is, but not begin.
      if (at) return undefined
      throw error
    })
    const known = at ?? common
    if (!known) return
    const { resourceVersion: now } = pageOf(await world.json(asking(collection, { limit: 1 })))
    // etcd would keep a watch from a version to come waiting, without a word.
    if (isNewer(known.resourceVersion, now)) forgotten = restored
    const further = common && isNewer(common.resourceVersion, known.resourceVersion)
    if (!further || isNewer(common.resourceVersion, now)) {
      at = known
      return
    }
    at = common
    forgotten = undefined
  }

  /** Page by page, and only what is newer than the place, so that memory stays the same whatever the cluster holds. */
  async function* list(): AsyncGenerator<Sighting, void> {
    const from = at
    const anew = forgotten === restored
    const since = from?.time ?? world.wall() - recent
    let version = ''
    let next: string | undefined
    let recovered = 0
    do {
      const page = pageOf(await world.json(asking(collection, { limit: pageSize, continue: next })))
      version ||= page.resourceVersion
      for (const object of page.items) {
        if (from && !anew && !isNewer(versionOf(object), from.resourceVersion)) continue
        recovered++
        yield { kind: 'listed', object, since, first: !from || anew }
      }
      next = page.next
    } while (next)
    const to = world.wall()
    const blind = from ? to - from.time : 0
    if (from && (anew || blind > kept || (blind > blink && recovered > 0))) {
      yield { kind: 'gap', from, to, because: forgotten ?? '', recovered }
    }
    at = { resourceVersion: version, time: to }
    forgotten = undefined
    yield { kind: 'reached', place: at, anew }
  }

  async function* watch(): AsyncGenerator<Sighting, void> {
    if (!at) return
    const timeoutSeconds = Math.round(seconds.least + world.random() * seconds.spread)
    const deadline = AbortSignal.timeout((timeoutSeconds + seconds.grace) * 1000)
    const opened = world.wall()
    const before = at
    try {
      const query = { watch: 'true', resourceVersion: at.resourceVersion, timeoutSeconds }
      const changes = await world.watch(asking(collection, query), AbortSignal.any([signal, deadline]))
      world.opened()
      for await (const { type, object } of changes) {
        at = { resourceVersion: versionOf(object), time: world.wall() }
        failures = 0
        if (type === 'BOOKMARK') yield { kind: 'reached', place: at, anew: false }
        else yield { kind: 'seen', operation: type, object, place: at }
      }
    } catch (error) {
      // Nothing came, not even the end that was asked for: the other side is gone, or something between here and there.
      if (!deadline.aborted) throw error
      world.ended('silent')
      return
    }
    world.ended('expired')
    if (at === before && world.wall() - opened < atOnce) return endsAtOnce()
    endedAtOnce = 0
    at = { ...at, time: world.wall() }
    yield { kind: 'reached', place: at, anew: false }
  }

  async function endsAtOnce(): Promise<void> {
    endedAtOnce++
    if (endedAtOnce >= mostAtOnce) {
      endedAtOnce = 0
      forgotten = 'the watch ended at once, several times'
    }
    await world.sleep(200)
  }
}

const restored = 'the cluster counts from an earlier version again, as after a restore'

/** 410 Gone, in whichever way it comes, or a version that the server will not reach. */
const hasForgotten = (error: unknown): boolean =>
  error instanceof KubernetesError &&
  (error.status === 410 ||
    error.reason === 'Expired' ||
    error.reason === 'Gone' ||
    /too large resource version/i.test(error.message))

function wordOf(error: unknown): string {
  if (error instanceof KubernetesError) return `${error.status} ${error.reason}`.trim()
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
}

/** 0.8 s doubling to 30 s, each up to twice as long by chance (client-go's reflector), or what the server asks for. */
function backOff(failures: number, error: unknown, random: number): number {
  const asked = error instanceof KubernetesError ? (error.after ?? 0) : 0
  return Math.max(asked, Math.min(800 * 2 ** (failures - 1), 30_000) * (1 + random))
}
