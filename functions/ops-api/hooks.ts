import { z } from 'zod'
import type { LedgerReader } from '../../shared/adapters/ledger.ts'
import { inWords } from '../../shared/duration.ts'
import type { CompiledHook, HookSet } from '../../shared/hookset.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { quoted, type Refusal, retryAfter } from '../../shared/refusal.ts'
import { readQuery, whole } from './read.ts'
import type { Answered, Call, Route } from './route.ts'

/** What it needs: the hooks in force, and what their events came to. Each throws when that is not to be had. */
export type World = { hooks(): Promise<HookSet>; ledger: LedgerReader; log: Log }

const Query = z.strictObject({ page: whole(1, 100_000).default(1), page_size: whole(1, 1_000).default(100) })
const Nothing = z.strictObject({})

/** Hooks in force: what they ask for and how they keep quiet, never where they send to. */
export function hookRoutes({ hooks, ledger, log }: World): Route[] {
  async function withCounts(some: CompiledHook[]) {
    const counts = await countsOf(some).catch(error => {
      log.warn({ err: messageOf(error) }, 'Hooks are shown without their counts')
      return undefined
    })
    return some.map(hook => ({ ...shown(hook), ...(counts && { counts: counts(hook) }) }))
  }

  async function countsOf(some: CompiledHook[]) {
    const [{ hooks: lines, patterns }, waiting] = await Promise.all([
      ledger.read(),
      ledger.waiting(some.map(({ id }) => id)),
    ])
    return ({ id, subject }: CompiledHook) => {
      const { counts = {}, lastMatched, lastError } = lines.get(id) ?? {}
      return {
        received: patterns.get(subject) ?? 0,
        ...counts,
        waiting: waiting.get(id) ?? 0,
        ...(lastMatched !== undefined && { lastMatchedTime: isoOf(lastMatched) }),
        ...(lastError && { lastError: lastError.reason, lastErrorTime: isoOf(lastError.at) }),
      }
    }
  }

  /** What all events came to at all hooks, those that are gone included. */
  async function inTotal() {
    const [{ received, counts }, waiting] = await Promise.all([ledger.read(), ledger.waiting([])])
    const deliveries = [...waiting.values()].reduce((sum, one) => sum + one, 0)
    return { received, ...counts, waiting: deliveries }
  }

  async function inForce(): Promise<HookSet | Refusal> {
    try {
      return await hooks()
    } catch (error) {
      return { status: 503, message: messageOf(error), head: retryAfter(1_000) }
    }
  }

  async function list({ params, query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Query, query)
    if ('status' in read) return read
    const set = await inForce()
    if ('status' in set) return set
    const { namespace } = params
    const { page, page_size } = read.value
    const all = set.hooks.filter(hook => namespace === undefined || hook.namespace === namespace)
    const some = all.slice((page - 1) * page_size, page * page_size)
    const counts = namespace === undefined ? await inTotal().catch(() => undefined) : undefined
    const data = { list: await withCounts(some), total: all.length, page, page_size }
    return { data: { ...data, ...(counts && { counts }) } }
  }

  async function get({ params, query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Nothing, query)
    if ('status' in read) return read
    const set = await inForce()
    if ('status' in set) return set
    const id = `${params.namespace}/${params.name}`
    const hook = set.hooks.find(one => one.id === id)
    if (hook) return { data: (await withCounts([hook]))[0] }
    return {
      status: 404,
      message: `No hook ${quoted(id)} is in force: the watcher's log says why, if it is there`,
    }
  }

  const path = '/api/v1/namespaces/{namespace}/eventhooks'
  return [
    { method: 'GET', path: '/api/v1/eventhooks', right: 'read', answer: list },
    { method: 'GET', path, right: 'read', answer: list },
    { method: 'GET', path: `${path}/{name}`, right: 'read', answer: get },
  ]
}

const isoOf = (at: number) => new Date(at).toISOString()

/** What is shown of a hook, field by field: what is not named here is not shown. */
function shown(hook: CompiledHook) {
  const { id, namespace, name, type, subject, revision, include, exclude, matchMode, matchType } = hook
  const { filters, dedup, threshold, stormLimit, resolve = false, suspend = false } = hook
  return {
    ...{ id, namespace, name, type, subject, revision },
    keywords: { include, exclude, matchMode, matchType },
    ...(filters && { filters }),
    ...(dedup && { dedup: { ...dedup, window: inWords(dedup.window) } }),
    ...(threshold && { threshold: { ...threshold, window: inWords(threshold.window) } }),
    ...(stormLimit !== undefined && { storm: { limit: stormLimit } }),
    ...{ resolve, suspend },
  }
}
