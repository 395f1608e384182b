import { type Ask, KubernetesError, type Change as Line } from '../../../shared/adapters/kubernetes.ts'
import { type Change, type ClusterObject, objectOf } from '../../../shared/changes.ts'
import { messageOf } from '../../../shared/log.ts'
import { pageOf, versionOf } from '../events/pages.ts'

export type ReaderWorld = {
  json(ask: Ask): Promise<unknown>
  watch(ask: Ask, signal: AbortSignal): Promise<AsyncIterable<Line>>
  /** Told why the objects cannot be read, or one of them. */
  failed(error: unknown): void
  sleep(ms: number): Promise<void>
  random(): number
}

const pageSize = 500
const askAgain = 1_000
/** A connection that is dead without a word is noticed when the server should long have ended the watch. */
const watchSeconds = { least: 120, spread: 60, grace: 15 }

/**
 * The objects at a path and their changes, until `signal`: a list, then one watch after the other, and a list again
 * behind every failure. Objects are few, so that costs little. It never throws for what the server does.
 */
export async function* changes(
  world: ReaderWorld,
  path: string,
  signal: AbortSignal,
  { labelSelector }: { labelSelector?: string } = {},
): AsyncGenerator<Change, void> {
  let at: string | undefined
  let failures = 0
  while (!signal.aborted) {
    try {
      if (at === undefined) {
        const { objects, version } = await list()
        yield { kind: 'all', objects }
        at = version
      }
      let came = false
      for await (const line of watch(at)) {
        at = versionOf(line.object)
        came = true
        failures = 0
        const change = changeOf(line)
        if (change) yield change
      }
      // Not even a bookmark, which comes every minute: a server that has forgotten the place may just end the watch.
      if (!came) {
        at = undefined
        await world.sleep(askAgain)
      }
    } catch (error) {
      if (signal.aborted) return
      at = undefined
      failures++
      const status = error instanceof KubernetesError ? error.status : undefined
      if (status === 404) {
        yield { kind: 'unknown' }
        await world.sleep(askAgain)
      } else if (status !== 410 || failures > 1) {
        // That it has forgotten the place is no failure, unless a list does not help either.
        world.failed(error)
        await world.sleep(backOff(failures, error, world.random()))
      }
    }
  }

  async function list(): Promise<{ objects: ClusterObject[]; version: string }> {
    const objects: ClusterObject[] = []
    let next: string | undefined
    for (;;) {
      const page = pageOf(
        await world.json({ path, query: { limit: pageSize, continue: next, labelSelector } }),
      )
      objects.push(...page.items.flatMap(item => readable(item) ?? []))
      next = page.next
      if (next === undefined) return { objects, version: page.resourceVersion }
    }
  }

  async function* watch(from: string): AsyncGenerator<Line> {
    const timeoutSeconds = Math.round(watchSeconds.least + world.random() * watchSeconds.spread)
    const deadline = AbortSignal.timeout((timeoutSeconds + watchSeconds.grace) * 1000)
    const query = {
      ...{ watch: 'true', resourceVersion: from, timeoutSeconds, allowWatchBookmarks: 'true' },
      labelSelector,
    }
    yield* await world.watch({ path, query }, AbortSignal.any([signal, deadline]))
  }

  function changeOf({ type, object }: Line): Change | undefined {
    if (type === 'BOOKMARK') return { kind: 'still' }
    const read = readable(object)
    return read && { kind: type === 'DELETED' ? 'gone' : 'put', object: read }
  }

  function readable(value: unknown): ClusterObject | undefined {
    try {
      return objectOf(value)
    } catch (error) {
      world.failed(new Error(`An object of the API server is not as its CRD has it: ${messageOf(error)}`))
      return undefined
    }
  }
}

/** 0.5 s doubling to 15 s, up to half of it less by chance, or what the server asks for. */
function backOff(failures: number, error: unknown, random: number): number {
  const asked = error instanceof KubernetesError ? (error.after ?? 0) : 0
  return Math.max(asked, Math.min(500 * 2 ** (failures - 1), 15_000) * (0.5 + random / 2))
}
