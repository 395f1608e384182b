import { z } from 'zod'
import type { Ledger, LedgerReader } from '../../shared/adapters/ledger.ts'
import { inWords } from '../../shared/duration.ts'
import type { CompiledHook, HookSet } from '../../shared/hookset.ts'
import { type Log, messageOf } from '../../shared/log.ts'
import { quoted, type Refusal, retryAfter } from '../../shared/refusal.ts'
import { patternCovers, patternsMeet } from '../../shared/subject.ts'
import { hasRight, type Token } from '../../shared/tokens.ts'
import { readQuery, whole } from './read.ts'
import type { Answered, Call, Route } from './route.ts'

/** What it needs: the hooks in force, and what their events came to. Each throws when that is not to be had. */
export type World = { hooks(): Promise<HookSet>; ledger: LedgerReader; log: Log }

const Query = z.strictObject({ page: whole(1, 100_000).default(1), page_size: whole(1, 1_000).default(100) })
const Nothing = z.strictObject({})

/** Hooks in force: what they ask for and how they keep quiet, never where they send to. */
export function hookRoutes({ hooks, ledger, log }: World): Route[] {
  /** What events came to, of one hook and of all of them, those that are gone included; undefined where it cannot be had. */
  async function counted(some: CompiledHook[]) {
    try {
      const [books, waiting] = await Promise.all([ledger.read(), ledger.waiting(some.map(({ id }) => id))])
      return { of: (hook: CompiledHook) => countsOf(hook, books, waiting), all: totalOf(books, waiting) }
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'Hooks are shown without their counts')
      return undefined
    }
  }

  async function inForce(): Promise<HookSet | Refusal> {
    try {
      return await hooks()
    } catch (error) {
      return { status: 503, message: messageOf(error), head: retryAfter(1_000) }
    }
  }

  async function list({ token, params, query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Query, query)
    if ('status' in read) return read
    const set = await inForce()
    if ('status' in set) return set
    const { namespace } = params
    const { page, page_size } = read.value
    const all = set.hooks
      .filter(hook => namespace === undefined || hook.namespace === namespace)
      .filter(hook => maySee(token, hook))
    const some = all.slice((page - 1) * page_size, page * page_size)
    const counts = await counted(some)
    const data = {
      list: some.map(hook => withCounts(hook, token, counts)),
      total: all.length,
      page,
      page_size,
    }
    return {
      data: {
        ...data,
        ...(counts && namespace === undefined && mayCount(token, '>') && { counts: counts.all }),
      },
    }
  }

  async function get({ token, params, query }: Call): Promise<Answered | Refusal> {
    const read = readQuery(Nothing, query)
    if ('status' in read) return read
    const set = await inForce()
    if ('status' in set) return set
    const id = `${params.namespace}/${params.name}`
    const hook = set.hooks.find(one => one.id === id && maySee(token, one))
    if (hook) return { data: withCounts(hook, token, await counted([hook])) }
    return {
      status: 404,
      message: `No hook ${quoted(id)} is in force, or none that this token may see: the watcher's log says why, if it is there`,
    }
  }

  const path = '/api/v1/namespaces/{namespace}/eventhooks'
  return [
    {
      method: 'GET',
      path: '/api/v1/eventhooks',
      right: 'read',
      summary: 'Hooks in force, of all namespaces',
      query: Query,
      answer: list,
    },
    { method: 'GET', path, right: 'read', summary: 'Hooks in force', query: Query, answer: list },
    {
      method: 'GET',
      path: `${path}/{name}`,
      right: 'read',
      summary: 'One hook and what its events came to',
      answer: get,
    },
  ]
}

const withCounts = (
  hook: CompiledHook,
  token: Token,
  counts: { of(hook: CompiledHook): object } | undefined,
) => ({
  ...shown(hook),
  ...(counts && mayCount(token, hook.subject) && { counts: counts.of(hook) }),
})

/** Whoever looks after deliveries sees all hooks, and others those whose events they may read, if only some of them. */
const maySee = (token: Token, { subject }: CompiledHook) =>
  looksAfter(token) || token.read.some(pattern => patternsMeet(pattern, subject))

/** What is counted tells of every event of a subject: it is for those who may read them all. */
const mayCount = (token: Token, subject: string) =>
  looksAfter(token) || token.read.some(pattern => patternCovers(pattern, subject))

const looksAfter = (token: Token) => ['deadletters', 'silences'].some(right => hasRight(token, right))

type Waiting = ReadonlyMap<string, number>

function countsOf({ id, subject }: CompiledHook, { hooks, patterns }: Ledger, waiting: Waiting) {
  const { counts = {}, lastMatched, lastError } = hooks.get(id) ?? {}
  return {
    received: patterns.get(subject) ?? 0,
    ...counts,
    waiting: waiting.get(id) ?? 0,
    ...(lastMatched !== undefined && { lastMatchedTime: isoOf(lastMatched) }),
    ...(lastError && { lastError: lastError.reason, lastErrorTime: isoOf(lastError.at) }),
  }
}

const totalOf = ({ received, counts }: Ledger, waiting: Waiting) => ({
  received,
  ...counts,
  waiting: [...waiting.values()].reduce((sum, one) => sum + one, 0),
})

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
